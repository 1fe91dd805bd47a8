#include "api/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace restpoint::api {
namespace {

bool continues(std::string_view bytes, std::size_t at) {
    return at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0xC0U) == 0x80U;
}

/// How many bytes the well-formed character at `at` has (Unicode, table 3-7); 0 when it is none.
std::size_t character_at(std::string_view bytes, std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xC2 || first > 0xF4 || !continues(bytes, at + 1)) {
        return 0;
    }
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    if (first < 0xE0) {
        return 2;
    }
    const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
    const bool surrogate = first == 0xED && second > 0x9F;
    const bool beyond = first == 0xF4 && second > 0x8F;
    if (overlong || surrogate || beyond || !continues(bytes, at + 2)) {
        return 0;
    }
    if (first < 0xF0) {
        return 3;
    }
    return continues(bytes, at + 3) ? 4 : 0;
}

} // namespace

std::string valid_utf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size();) {
        const auto length = character_at(bytes, at);
        if (length == 0) {
            text += "\xEF\xBF\xBD";
            ++at;
        } else {
            text += bytes.substr(at, length);
            at += length;
        }
    }
    return text;
}

std::string duration_text(std::chrono::system_clock::duration how_long) {
    const auto whole = std::chrono::duration_cast<std::chrono::seconds>(how_long).count();
    const auto s = std::max<std::int64_t>(whole, 0);
    if (s < 60) {
        return fmt::format("{} s", s);
    }
    if (s < 3600) {
        return fmt::format("{} min {} s", s / 60, s % 60);
    }
    if (s < 86400) {
        return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
    }
    return fmt::format("{} d {} h", s / 86400, s % 86400 / 3600);
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 6> units{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        return fmt::format("{} B", bytes);
    }
    auto value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < units.size()) {
        value /= 1024;
        ++unit;
    }
    return fmt::format("{:.1f} {}", value, units[unit]);
}

} // namespace restpoint::api
