#include "schedule/cron.hpp"

#include "base/utf8.hpp"
#include "schedule/cron_field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace restpoint::schedule {

namespace {

constexpr std::string_view five_fields =
    "write five fields: minute, hour, day of month, month, day of week";
constexpr std::string_view blanks = " \t";

struct shorthand {
    std::string_view name;
    std::string_view meaning;
};
constexpr std::array<shorthand, 7> shorthands{
    {{"@yearly", "0 0 1 1 *"},
     {"@annually", "0 0 1 1 *"},
     {"@monthly", "0 0 1 * *"},
     {"@weekly", "0 0 * * 0"},
     {"@daily", "0 0 * * *"},
     {"@midnight", "0 0 * * *"},
     {"@hourly", "0 * * * *"}}};

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> words;
    while (true) {
        const auto begin = text.find_first_not_of(blanks);
        if (begin == text.npos) {
            return words;
        }
        text.remove_prefix(begin);
        words.push_back(text.substr(0, text.find_first_of(blanks)));
        text.remove_prefix(words.back().size());
    }
}

std::string in_quotes(std::string_view text) {
    return fmt::format("'{}'", presentable(text, 80));
}

/// Whether `word` could be the field of a cron, ours or Quartz's.
bool looks_like_a_weekday(std::string_view word) {
    const bool of_quartz = word == "?" || word == "L" || word.find('#') != word.npos;
    return of_quartz || parse_field(field_at(4), word).has_value();
}

/// Why more than five words stand there: which one is too many, and what to do.
failure too_many(const std::vector<std::string_view>& words) {
    const auto count = fmt::format("has {} fields instead of five", words.size());
    if (words.front().find('=') != words.front().npos) {
        return {
            errc::invalid,
            fmt::format("{}: the first, {}, is a variable", count, in_quotes(words.front())),
            "name the zone in time_zone, and leave the variable out"};
    }
    if (!looks_like_a_weekday(words[5])) {
        return {
            errc::invalid,
            fmt::format("{}: the sixth, {}, is a user or a command", count, in_quotes(words[5])),
            "leave out what follows the day of week; action says what is run"};
    }
    const auto year = words.size() > 6
                          ? fmt::format(" and the last, {}, years", in_quotes(words.back()))
                          : std::string();
    return {
        errc::invalid,
        fmt::format("{}: the first, {}, would be seconds{}", count, in_quotes(words.front()), year),
        fmt::format(
            "some programs put seconds first, here the minute is first: leave out the first "
            "field{}",
            year.empty() ? "" : " and the last")};
}

failure unknown_shorthand(std::string_view word) {
    if (word == "@reboot") {
        return {errc::invalid, "'@reboot' is not a time", "name a time, or @daily, or five fields"};
    }
    return {
        errc::invalid, fmt::format("{} is not known", in_quotes(word)),
        "there are @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly"};
}

int longest_month(std::uint32_t months) {
    constexpr std::uint32_t with_31 = 0b1'0101'1010'1010; // Jan Mar May Jul Aug Oct Dec
    constexpr std::uint32_t february = 1U << 2;
    return (months & with_31) != 0 ? 31 : (months & ~february) != 0 ? 30 : 29;
}

/// 30 February: such an expression would wait for ever without a word.
result<> refuse_impossible(const cron& what) {
    const auto longest = longest_month(what.months);
    if ((what.days & ((std::uint64_t{2} << longest) - 1)) != 0) {
        return {};
    }
    return failure{
        errc::invalid,
        fmt::format(
            "day of month '{}' never comes in month '{}'", field_text(field_at(2), what.days),
            field_text(field_at(3), what.months)),
        fmt::format("the longest of these months has {} days", longest)};
}

/// `*/2` beside a day of week: crontab(5) wants both to match there, POSIX either.
result<> refuse_ambiguous(std::string_view day, std::string_view weekday) {
    const auto steps = [](std::string_view field) {
        return field.starts_with('*') && field != "*" && field != "*/1";
    };
    const bool both = !day.starts_with('*') || steps(day);
    const bool both_restricted = both && (!weekday.starts_with('*') || steps(weekday));
    if (!both_restricted || !(steps(day) || steps(weekday))) {
        return {};
    }
    return failure{
        errc::invalid,
        fmt::format(
            "day of month {} beside day of week {} is read differently by different crons",
            in_quotes(day), in_quotes(weekday)),
        "write a range instead of the asterisk (1-31/2): then a day that matches either is meant"};
}

result<cron> parse_fields(const std::vector<std::string_view>& words) {
    std::array<std::uint64_t, field_count> bits{};
    for (std::size_t i = 0; i < bits.size(); ++i) {
        const auto field = parse_field(field_at(static_cast<int>(i)), words[i]);
        if (!field) {
            return field.error();
        }
        bits[i] = *field;
    }
    const auto any = [](std::string_view field) { return field == "*" || field == "*/1"; };
    const cron made{
        .minutes = bits[0],
        .hours = static_cast<std::uint32_t>(bits[1]),
        .days = static_cast<std::uint32_t>(bits[2]),
        .months = static_cast<std::uint32_t>(bits[3]),
        .weekdays = static_cast<std::uint32_t>(bits[4]),
        .any_day = any(words[2]),
        .any_weekday = any(words[4])};
    if (const auto clear = refuse_ambiguous(words[2], words[4]); !clear) {
        return clear.error();
    }
    if (const auto possible = refuse_impossible(made); !possible) {
        return possible.error();
    }
    return made;
}

result<cron> parse_words(const std::vector<std::string_view>& words) {
    if (words.empty()) {
        return failure{errc::invalid, "is empty", std::string(five_fields)};
    }
    if (words.front().starts_with('@')) {
        const auto known = std::ranges::find(shorthands, words.front(), &shorthand::name);
        if (known == shorthands.end()) {
            return unknown_shorthand(words.front());
        }
        if (words.size() > 1) {
            return failure{
                errc::invalid,
                fmt::format("{} follows {}", in_quotes(words[1]), in_quotes(words.front())),
                "leave it out; action says what is run"};
        }
        return parse_fields(split(known->meaning));
    }
    if (words.size() > field_count) {
        return too_many(words);
    }
    if (words.size() < field_count) {
        return failure{
            errc::invalid,
            fmt::format(
                "has {} {} instead of five", words.size(), words.size() == 1 ? "field" : "fields"),
            std::string(five_fields)};
    }
    return parse_fields(words);
}

} // namespace

result<cron> parse_cron(std::string_view text) {
    auto parsed = parse_words(split(text));
    if (!parsed) {
        auto why = parsed.error();
        why.detail = fmt::format("cron {}: {}", in_quotes(text), why.detail);
        return why;
    }
    return parsed;
}

std::string to_text(const cron& what) {
    const cron every;
    const auto text = [](int field, std::uint64_t bits, bool any) {
        return any ? std::string("*") : field_text(field_at(field), bits);
    };
    return fmt::format(
        "{} {} {} {} {}", text(0, what.minutes, what.minutes == every.minutes),
        text(1, what.hours, what.hours == every.hours), text(2, what.days, what.any_day),
        text(3, what.months, what.months == every.months),
        text(4, what.weekdays, what.any_weekday));
}

} // namespace restpoint::schedule
