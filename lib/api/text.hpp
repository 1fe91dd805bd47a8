// Durations and sizes as people read them. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace restpoint::api {

/// "0 s", "42 s", "4 min 12 s", "2 h 5 min", "3 d 4 h".
[[nodiscard]] std::string duration_text(std::chrono::system_clock::duration how_long);

/// "512 B", "1.5 KiB", "22.0 MiB": powers of 1024.
[[nodiscard]] std::string size_text(std::uint64_t bytes);

} // namespace restpoint::api
