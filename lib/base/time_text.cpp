#include "base/time_text.hpp"

#include <fmt/format.h>

#include <array>

namespace restpoint {

using namespace std::chrono;

std::string rfc3339(wall_time t) {
    const auto ms = floor<milliseconds>(t);
    const auto day = floor<days>(ms);
    const year_month_day date{day};
    const hh_mm_ss clock{ms - day};
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(date.year()), unsigned(date.month()),
        unsigned(date.day()), clock.hours().count(), clock.minutes().count(),
        clock.seconds().count(), clock.subseconds().count());
}

namespace {

/// Takes `width` digits off the front of `text`.
std::optional<int> digits(std::string_view& text, std::size_t width) {
    if (text.size() < width) {
        return std::nullopt;
    }
    int value = 0;
    for (const char c : text.substr(0, width)) {
        if (c < '0' || c > '9') {
            return std::nullopt;
        }
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(width);
    return value;
}

bool take(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == any_of.npos) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

nanoseconds fraction(std::string_view& text) {
    nanoseconds value{0};
    for (auto unit = 100'000'000; !text.empty() && text.front() >= '0' && text.front() <= '9';
         unit /= 10) {
        value += nanoseconds{(text.front() - '0') * unit};
        text.remove_prefix(1);
    }
    return value;
}

std::optional<minutes> offset(std::string_view& text) {
    if (take(text, "Zz")) {
        return minutes{0};
    }
    const bool west = !text.empty() && text.front() == '-';
    if (!take(text, "+-")) {
        return std::nullopt;
    }
    const auto h = digits(text, 2);
    if (!h || !take(text, ":")) {
        return std::nullopt;
    }
    const auto m = digits(text, 2);
    if (!m || *h > 23 || *m > 59) {
        return std::nullopt;
    }
    const auto east = hours{*h} + minutes{*m};
    return west ? -east : east;
}

} // namespace

std::optional<wall_time> parse_rfc3339(std::string_view text) {
    std::array<int, 6> parts{};
    constexpr std::array<std::size_t, 6> widths{4, 2, 2, 2, 2, 2};
    constexpr std::array<std::string_view, 6> before{"", "-", "-", "Tt ", ":", ":"};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (!before[i].empty() && !take(text, before[i])) {
            return std::nullopt;
        }
        const auto part = digits(text, widths[i]);
        if (!part) {
            return std::nullopt;
        }
        parts[i] = *part;
    }
    const year_month_day date{year{parts[0]}, month(unsigned(parts[1])), day(unsigned(parts[2]))};
    if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 60) {
        return std::nullopt;
    }
    const auto part_of_second = take(text, ".") ? fraction(text) : nanoseconds{0};
    const auto east = offset(text);
    if (!east || !text.empty()) {
        return std::nullopt;
    }
    const sys_seconds whole =
        sys_days{date} + hours{parts[3]} + minutes{parts[4]} + seconds{parts[5]} - *east;
    // Years beyond 2262 do not fit into nanoseconds of 64 bits.
    if (whole <= ceil<seconds>(wall_time::min()) || whole >= floor<seconds>(wall_time::max())) {
        return std::nullopt;
    }
    return wall_time{whole} + duration_cast<wall_time::duration>(part_of_second);
}

} // namespace restpoint
