// The parts of a job's page. Its outcome stands at the end of the bytes, because a page that grows
// learns it last, and at the top of the screen by style. Pure.
#pragma once

#include "jobs/job.hpp"

#include <optional>
#include <span>
#include <string>

namespace restpoint::api {

/// "full backup of main", "stanza-create of main".
[[nodiscard]] std::string job_title(const jobs::job& what);

/// Everything before the log: the frame's beginning, what the job is, and for one that is not final
/// that it runs. `cancel_button` is HTML and may be empty.
[[nodiscard]] std::string job_page_begin(
    const jobs::job& what, wall_time now, std::string_view cancel_button);

/// `<h1> Success </h1> <br/>`, or `<h1> Error </h1> <br/>` with the code, its name, what it means
/// and what to do.
[[nodiscard]] std::string outcome_html(const jobs::job& ended);

/// The newest jobs as a table.
[[nodiscard]] std::string job_table(std::span<const jobs::job> list, wall_time now);

/// What stands before and behind the lines of a log.
inline constexpr std::string_view log_begin = "<section class=\"log\">\n<div>";
inline constexpr std::string_view log_end = "</div></section>\n";

} // namespace restpoint::api
