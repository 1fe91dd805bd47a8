// Answers that several groups of routes give. Internal to api.
#pragma once

#include "base/result.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"
#include "http/router.hpp"
#include "jobs/job.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace restpoint::api {

/// In seconds, how soon it is worth asking for an unfinished job again: it lasts seconds to days.
inline constexpr std::string_view ask_again_after = "2";

[[nodiscard]] http::response json_response(unsigned status, std::string body);

/// 202 for a job that was taken on, found or asked to stop: its JSON, Location, Restpoint-Job, and
/// Retry-After while it is unfinished.
[[nodiscard]] http::response accepted(const jobs::job& what);

/// Preference-Applied: wait=SECONDS.
[[nodiscard]] http::header_list::value_type applied(std::chrono::seconds wait);

/// The problem, with a line in the log where the answer hides the cause.
[[nodiscard]] http::response failed(const http::request& asked, const failure& why);

/// The job that the path names by its id; `not_found` where nothing can have it.
[[nodiscard]] result<jobs::job_id> job_id_of(const http::path_values& path);

/// The stanza of the path; `not_found` when it is not `ours`, the one that this service stands for.
[[nodiscard]] result<std::string> known_stanza(
    const std::string& ours, const http::path_values& path);

} // namespace restpoint::api
