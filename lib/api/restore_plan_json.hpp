// Restore plans on the wire: the request that asks for one, and the plan. Pure.
#pragma once

#include "backrest/command.hpp"
#include "base/result.hpp"
#include "restore/plan.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace restpoint::api {

/// {"target": {"type": "time", "value": "2026-11-22T08:30:00Z"}, "timeline": 1, "set": "LABEL",
/// "repo": 1, "acknowledge": ["standbys_attached"]}, of which all but the target may be left out,
/// and without a target it is the latest. Fails with `invalid`; the detail names the member.
[[nodiscard]] result<restore::plan_request> parse_plan_request(std::string_view body);

/// `how` and `data` are what the commands are made of: see restore/runbook.hpp.
[[nodiscard]] std::string plan_json(
    const restore::plan& made, const backrest::invocation& how, const std::filesystem::path& data);

} // namespace restpoint::api
