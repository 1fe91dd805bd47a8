// Expressions in a zone, followed through a span of time twice: by the engine, from each due time
// to the next, and by looking at a clock at every minute. A header of its own, since the walk is
// compiled with optimisation and the test cases are not.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::schedule::test {

using minute_time = std::chrono::sys_time<std::chrono::minutes>;

struct simulation {
    std::uint64_t runs = 0;                    ///< that both agree on
    std::vector<std::string> differences = {}; ///< the first one of each expression
};

/// At most 256 good expressions, in [from, to), both on the hour.
[[nodiscard]] simulation simulate(
    std::span<const std::string_view> expressions, const char* zone, minute_time from,
    minute_time to);

} // namespace restpoint::schedule::test
