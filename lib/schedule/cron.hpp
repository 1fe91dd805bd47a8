// A cron expression: five fields (minute, hour, day of month, month, day of week) or one of the
// forms @yearly … @hourly, as crontab(5) and POSIX know them. What crons of different makers read
// differently is refused with a hint instead of guessed. Knows no time zone. Pure.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace restpoint::schedule {

/// One bit per value of a field. A default one is `* * * * *`.
struct cron {
    std::uint64_t minutes = (std::uint64_t{1} << 60) - 1; ///< bits 0..59
    std::uint32_t hours = (std::uint32_t{1} << 24) - 1;   ///< bits 0..23
    std::uint32_t days = 0xFFFF'FFFE;                     ///< bits 1..31
    std::uint32_t months = 0x1FFE;                        ///< bits 1..12
    std::uint32_t weekdays = 0x7F;                        ///< bits 0..6, 0 is Sunday
    bool any_day = true;     ///< the day of month is `*`: the day of week alone decides
    bool any_weekday = true; ///< the day of week is `*`: the day of month alone decides

    friend bool operator==(const cron&, const cron&) = default;
};

/// Fails with `invalid`: what, which, value, and a hint. Names (JAN, sun), lists, ranges, steps
/// behind `*` or a range; 0 and 7 are Sunday. When day of month and day of week are both
/// restricted, a day that matches either is meant (POSIX). A date that no year has is refused.
[[nodiscard]] result<cron> parse_cron(std::string_view text);

/// The same expression in one spelling: "0 2 * * 0,3-5". parse_cron() of it gives an equal value.
[[nodiscard]] std::string to_text(const cron& what);

/// Whether the hour field covers the whole day: such an expression means an interval ("every 20
/// minutes"), any other means times of the day.
[[nodiscard]] constexpr bool follows_elapsed_time(const cron& what) {
    return what.hours == cron{}.hours;
}

} // namespace restpoint::schedule
