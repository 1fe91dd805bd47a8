// Times as text: RFC 3339 in UTC on every wire and in every log line of ours.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint {

using wall_time = std::chrono::system_clock::time_point;

/// "2026-11-22T08:29:36.120Z": UTC, milliseconds, always 24 characters for the years 1 to 9999.
[[nodiscard]] std::string rfc3339(wall_time t);

/// The inverse of rfc3339(); takes any number of fraction digits and any offset ("+02:00"). None
/// for anything else, and for times that wall_time cannot hold (the years 1677 to 2262).
[[nodiscard]] std::optional<wall_time> parse_rfc3339(std::string_view text);

} // namespace restpoint
