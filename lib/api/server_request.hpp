// A POST on the server as a job. Pure.
#pragma once

#include "base/result.hpp"
#include "http/request.hpp"
#include "jobs/job.hpp"

#include <string>

namespace restpoint::api {

/// {"mode": "fast"|"immediate"} of a stop and a restart, fast without it; a start takes no member.
/// Fails with `invalid`; the detail names the member. A query is refused: a mode in it would be lost.
[[nodiscard]] result<jobs::job_spec> parse_server_request(
    jobs::job_kind kind, const http::request& asked, std::string stanza);

} // namespace restpoint::api
