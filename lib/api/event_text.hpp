// Server-sent events (WHATWG HTML, section 9.2) as text: what stands on the wire of
// /api/v1/jobs/{id}/events. Pure.
#pragma once

#include "jobs/log_view.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace restpoint::api {

/// `log` events: data {"line", "offset"}, and the offset behind the line as the id. Over lines that
/// are left out an id comes alone, so that who resumes does not read them again.
[[nodiscard]] const jobs::line_form& log_events();

/// An event without an id: the last one stays. `json` has no line end.
[[nodiscard]] std::string event_text(std::string_view name, std::string_view json);

/// How long a client is to wait before it connects again.
[[nodiscard]] std::string retry_text(std::chrono::milliseconds wait);

/// What clients pass over: a sign of life.
inline constexpr std::string_view event_comment = ":\n\n";

} // namespace restpoint::api
