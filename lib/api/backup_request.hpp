// The body of POST /api/v1/stanzas/{stanza}/backups. Pure.
#pragma once

#include "base/result.hpp"
#include "jobs/job.hpp"
#include "jobs/service.hpp"

#include <string>
#include <string_view>

namespace restpoint::api {

struct backup_request {
    jobs::job_spec what = {};
    jobs::when_busy mode = jobs::when_busy::refuse;
};

/// {"type": "full"|"diff"|"incr", "annotations": {…}, "repo": 1, "queue": false}; only `type` must
/// be there. Fails with `invalid`; the detail names the member. An unknown member is refused: a
/// misspelt "annotations" would be lost otherwise.
[[nodiscard]] result<backup_request> parse_backup_request(
    std::string_view body, std::string stanza);

} // namespace restpoint::api
