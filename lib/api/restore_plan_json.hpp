// Restore plans on the wire: the request that asks for one, and the plan. Pure.
#pragma once

#include "backrest/command.hpp"
#include "base/result.hpp"
#include "restore/plan.hpp"

#include <string>
#include <string_view>

namespace restpoint::api {

/// {"target": {"type": "time", "value": "2026-11-22T08:30:00Z"}, "timeline": 1, "set": "LABEL",
/// "repo": 1, "way": "beside", "acknowledge": ["standbys_attached"]}, of which all but the target may be left out,
/// and without a target it is the latest. Fails with `invalid`; the detail names the member.
[[nodiscard]] result<restore::plan_request> parse_plan_request(std::string_view body);

/// What a plan is called by who wants it carried out.
struct plan_name {
    std::string_view id;
    std::string_view digest;
};

/// `how` is what the commands are made of: see restore/runbook.hpp.
[[nodiscard]] std::string plan_json(
    const restore::plan& made, plan_name named, const backrest::invocation& how);

} // namespace restpoint::api
