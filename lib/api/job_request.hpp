// The body of a POST that asks for a job: of …/backups, …/checks, …/verifications, …/expirations and
// of the stanza itself; of a PATCH of a set, and the query of its DELETE. Pure.
#pragma once

#include "base/result.hpp"
#include "http/request.hpp"
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

/// {"annotations": {"key": "value", "old": null}, "repo": 1, "queue": false}: null takes a key away
/// (RFC 7396). Fails as above.
[[nodiscard]] result<job_request> parse_annotate_request(
    std::string_view body, std::string stanza, std::string label);

/// ?repo=&queue=&dry_run= of a request that expires a set. Fails with `invalid` for any other
/// parameter and for a body: what was meant by them would be lost, and the set with it.
[[nodiscard]] result<job_request> parse_removal(
    const http::request& asked, std::string stanza, std::string label);

/// The same where all but `queue` is known already: {"queue": true}, or no body.
[[nodiscard]] result<jobs::when_busy> parse_queue_request(std::string_view body);

} // namespace restpoint::api
