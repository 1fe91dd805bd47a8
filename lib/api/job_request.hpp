// The body of a POST that asks for a job: of …/backups, …/checks, …/verifications, …/expirations and
// of the stanza itself. Pure.
#pragma once

#include "base/result.hpp"
#include "jobs/job.hpp"
#include "jobs/service.hpp"

#include <string>
#include <string_view>

namespace restpoint::api {

struct job_request {
    jobs::job_spec what = {};
    jobs::when_busy mode = jobs::when_busy::refuse;
};

/// {"type": "full"|"diff"|"incr", "annotations": {…}, "repo": 1, "queue": false}, of which a kind
/// takes what pgBackRest takes: a backup all, verify and expire `repo` and `queue`, check and
/// stanza-create `queue`. A backup must have its `type`; the others need no body at all. Fails with
/// `invalid`; the detail names the member. An unknown member is refused: a misspelt "annotations"
/// would be lost otherwise.
[[nodiscard]] result<job_request> parse_job_request(
    jobs::job_kind kind, std::string_view body, std::string stanza);

/// The same where all but `queue` is known already: {"queue": true}, or no body.
[[nodiscard]] result<jobs::when_busy> parse_queue_request(std::string_view body);

} // namespace restpoint::api
