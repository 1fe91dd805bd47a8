#include "auth/lifetime.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

namespace restpoint::auth {
namespace {

using namespace std::chrono;

constexpr seconds longest = days{3650};

/// None for a letter that is no unit.
std::optional<seconds> unit_of(char letter) {
    switch (letter) {
    case 'm':
        return minutes{1};
    case 'h':
        return hours{1};
    case 'd':
        return days{1};
    case 'w':
        return weeks{1};
    case 'y':
        return days{365};
    default:
        return std::nullopt;
    }
}

} // namespace

result<std::optional<seconds>> parse_lifetime(std::string_view text) {
    if (text == "never") {
        return std::optional<seconds>{};
    }
    std::int64_t count = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, count);
    const auto unit = error == std::errc{} && stop + 1 == end ? unit_of(*stop) : std::nullopt;
    if (!unit || count < 1 || count > longest / *unit) {
        return failure{
            errc::invalid, fmt::format("'{}' is no time that a token can be good for", text),
            "write a number and m, h, d, w or y, up to 10y, such as 90d; or never"};
    }
    return std::optional(count * *unit);
}

} // namespace restpoint::auth
