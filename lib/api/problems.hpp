// Failures as HTTP sees them: which status, which stable code, which words.
#pragma once

#include "base/result.hpp"
#include "http/guard.hpp"
#include "http/reply.hpp"
#include "jobs/service.hpp"

#include <string>
#include <string_view>

namespace restpoint::api {

[[nodiscard]] unsigned status_of(errc code);

/// The reason phrase of a status we answer with: "Conflict".
[[nodiscard]] std::string title_of(unsigned status);

/// `io` and `internal` say nothing of what went wrong inside: that is for our log.
[[nodiscard]] http::problem to_problem(const failure& why);

/// The same, where a conflict has a code of its own: "job_ended".
[[nodiscard]] http::problem to_problem(const failure& why, std::string_view code_of_conflict);

/// With the member "job" where a job is in the way (job_in_the_way), or has the key already (422).
[[nodiscard]] http::problem to_problem(const jobs::rejection& why);
[[nodiscard]] http::problem to_problem(const http::refusal& why);

/// A job that ended badly, for clients that waited for it: pgBackRest's code and name are members
/// of their own.
[[nodiscard]] http::problem problem_of(const jobs::job& ended);

/// Whether Accept asks for JSON, rather than for a page or for anything.
[[nodiscard]] bool asks_for_json(const http::request& asked);

} // namespace restpoint::api
