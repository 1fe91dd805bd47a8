#include "schedule/calendar_match.hpp"

#include <bit>
#include <cstdint>

namespace restpoint::schedule {

namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::year_month;
using std::chrono::year_month_day;

bool has(std::uint64_t bits, unsigned value) {
    return (bits >> value & 1U) != 0;
}

/// The lowest bit at `from` or above; 64 when there is none.
unsigned next_bit(std::uint64_t bits, unsigned from) {
    return from > 63 ? 64U : static_cast<unsigned>(std::countr_zero(bits >> from << from));
}

unsigned length_of(year_month month) {
    return static_cast<unsigned>((month / std::chrono::last).day());
}

/// The days of `month` that match, bits 1..31.
std::uint64_t matching_days(const cron& what, year_month month) {
    const auto exist = (std::uint64_t{2} << length_of(month)) - 2;
    if (what.any_day && what.any_weekday) {
        return exist;
    }
    std::uint64_t either = what.any_day ? 0 : what.days;
    if (!what.any_weekday) {
        // The weekdays, once more for each week, shifted so that the month's first is bit 1.
        constexpr std::uint64_t each_week = 0x0000'0408'1020'4081;
        const std::chrono::weekday first{local_days{month / 1}};
        either |= (what.weekdays * each_week) >> first.c_encoding() << 1;
    }
    return either & exist;
}

/// Whether `day` matches; most calls are about the day that they are in.
bool matches(const cron& what, local_days day) {
    const bool every_day = what.any_day && what.any_weekday;
    const bool every_month = what.months == cron{}.months;
    if (every_day && every_month) {
        return true;
    }
    const year_month_day date{day};
    if (!has(what.months, static_cast<unsigned>(date.month()))) {
        return false;
    }
    const bool by_date = !what.any_day && has(what.days, static_cast<unsigned>(date.day()));
    return every_day || by_date ||
           (!what.any_weekday && has(what.weekdays, std::chrono::weekday{day}.c_encoding()));
}

/// The first matching day at or after `from`; one at or after `until` when there is none before.
local_days first_day(const cron& what, local_days from, local_days until) {
    const year_month_day date{from};
    auto month = date.year() / date.month();
    auto day = static_cast<unsigned>(date.day());
    for (; local_days{month / 1} < until; month += std::chrono::months{1}, day = 1) {
        if (!has(what.months, static_cast<unsigned>(month.month()))) {
            continue;
        }
        const auto found = next_bit(matching_days(what, month), day);
        if (found < 64) {
            return local_days{month / std::chrono::day{found}};
        }
    }
    return until;
}

/// The first matching minute of a day at `from` or after it; minutes{1440} when there is none.
minutes first_minute(const cron& what, minutes from) {
    auto hour = static_cast<unsigned>(from.count()) / 60;
    const auto minute = static_cast<unsigned>(from.count()) % 60;
    if (has(what.hours, hour)) {
        const auto found = next_bit(what.minutes, minute);
        if (found < 60) {
            return minutes{hour * 60 + found};
        }
    }
    hour = next_bit(what.hours, hour + 1);
    return hour < 24 ? minutes{hour * 60 + next_bit(what.minutes, 0)} : minutes{1440};
}

/// The first matching minute after the day `today`. Apart from first_match(), whose every call
/// would pay for the registers that this needs.
[[gnu::noinline]] local_seconds first_after(
    const cron& what, local_days today, local_seconds until) {
    return first_day(what, today + days{1}, std::chrono::ceil<days>(until)) +
           first_minute(what, minutes{0});
}

} // namespace

local_seconds first_match(const cron& what, local_seconds from, local_seconds until) {
    const auto at = std::chrono::ceil<minutes>(from);
    const auto today = floor<days>(at);
    if (matches(what, today)) {
        const auto found = first_minute(what, at - today);
        if (found < days{1}) {
            return today + found;
        }
    }
    return first_after(what, today, until);
}

} // namespace restpoint::schedule
