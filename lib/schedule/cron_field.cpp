#include "schedule/cron_field.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace restpoint::schedule {

namespace {

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_names{"SUN", "MON", "TUE", "WED",
                                                        "THU", "FRI", "SAT"};
constexpr std::array<field_rule, field_count> rules{
    {{"minute", 0, 59, "hour"},
     {"hour", 0, 23, "day"},
     {"day of month", 1, 31, "month"},
     {"month", 1, 12, "year", month_names},
     {"day of week", 0, 6, "week", weekday_names}}};
constexpr int sunday_again = 7;

bool is_weekday(const field_rule& rule) {
    return rule.names.size() == weekday_names.size();
}

int highest_value(const field_rule& rule) {
    return is_weekday(rule) ? sunday_again : rule.high;
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, upper, upper);
}

std::string in_quotes(std::string_view text) {
    return fmt::format("'{}'", presentable(text, 40));
}

std::string allowed(const field_rule& rule) {
    const auto numbers = fmt::format("{} to {}", rule.low, highest_value(rule));
    return rule.names.empty()
               ? numbers
               : fmt::format("{}, or {} to {}", numbers, rule.names.front(), rule.names.back());
}

failure refused(
    const field_rule& rule, std::string_view value, std::string_view why, std::string hint) {
    return {
        errc::invalid, fmt::format("{} {} {}", rule.name, in_quotes(value), why), std::move(hint)};
}

std::optional<int> number_in(std::string_view text) {
    int value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    const bool whole = error == std::errc{} && stop == end && text.front() != '-';
    return whole ? std::optional(value) : std::nullopt;
}

/// What is written where a value should stand, and is not one.
failure no_value(const field_rule& rule, std::string_view text) {
    if (text.find('?') != text.npos) {
        return refused(rule, text, "is of another program's syntax", "write * instead of ?");
    }
    const bool digits =
        !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
    if (digits) {
        return refused(rule, text, "is out of range", fmt::format("write {}", allowed(rule)));
    }
    return refused(
        rule, text, "is not a value",
        fmt::format(
            "write {}; a list 1,2, a range 1-5 and steps */2 or 1-5/2 of them", allowed(rule)));
}

result<int> parse_value(const field_rule& rule, std::string_view text) {
    const auto name = std::ranges::find_if(
        rule.names, [&](std::string_view known) { return same_name(known, text); });
    if (name != rule.names.end()) {
        return rule.low + static_cast<int>(name - rule.names.begin());
    }
    const auto number = number_in(text);
    if (!number || *number < rule.low || *number > highest_value(rule)) {
        return no_value(rule, text);
    }
    return *number;
}

struct range {
    int first = 0;
    int last = 0;
};

result<range> parse_range(const field_rule& rule, std::string_view text) {
    if (text == "*") {
        return range{rule.low, rule.high};
    }
    const auto dash = text.find('-');
    const auto first = parse_value(rule, text.substr(0, dash));
    if (!first) {
        return first.error();
    }
    if (dash == text.npos) {
        return range{*first, *first};
    }
    const auto end = text.substr(dash + 1);
    auto last = parse_value(rule, end);
    if (!last) {
        return last.error();
    }
    // FRI-SUN can only mean the Sunday behind Friday.
    if (is_weekday(rule) && *last == 0 && *first > 0 && same_name(end, weekday_names.front())) {
        last = sunday_again;
    }
    if (*last < *first) {
        return refused(
            rule, text, "is a range that runs backwards",
            is_weekday(rule) && *last == 0
                ? std::string("write 7 for the Sunday at the end of a range")
                : fmt::format(
                      "write two ranges: {0}-{1},{2}-{3}", *first, rule.high, rule.low, *last));
    }
    return range{*first, *last};
}

result<int> parse_step(const field_rule& rule, std::string_view part, std::size_t slash, range of) {
    const auto before = part.substr(0, slash);
    if (before != "*" && before.find('-') == before.npos) {
        return refused(
            rule, part, "steps from a single value, which crons read differently",
            fmt::format(
                "write {}-{}{}", presentable(before, 40), rule.high,
                presentable(part.substr(slash), 40)));
    }
    const auto step = number_in(part.substr(slash + 1));
    if (!step || *step == 0) {
        return refused(
            rule, part, "has no step of 1 or more", "write a number behind the slash, as in */2");
    }
    if (*step > 1 && *step > of.last - of.first) {
        return refused(
            rule, part, "has a step that never reaches a second value",
            fmt::format("steps begin anew with each {}; write the values themselves", rule.cycle));
    }
    return *step;
}

result<std::uint64_t> parse_part(const field_rule& rule, std::string_view part) {
    const auto slash = part.find('/');
    const auto of = parse_range(rule, part.substr(0, slash));
    if (!of) {
        return of.error();
    }
    int step = 1;
    if (slash != part.npos) {
        const auto parsed = parse_step(rule, part, slash, *of);
        if (!parsed) {
            return parsed.error();
        }
        step = *parsed;
    }
    std::uint64_t bits = 0;
    for (int value = of->first; value <= of->last; value += step) {
        bits |= std::uint64_t{1} << (is_weekday(rule) ? value % sunday_again : value);
    }
    return bits;
}

} // namespace

const field_rule& field_at(int index) {
    return rules.at(static_cast<std::size_t>(index));
}

result<std::uint64_t> parse_field(const field_rule& rule, std::string_view text) {
    std::uint64_t bits = 0;
    for (std::size_t at = 0; at <= text.size();) {
        const auto comma = std::min(text.find(',', at), text.size());
        const auto part = parse_part(rule, text.substr(at, comma - at));
        if (!part) {
            return part.error();
        }
        bits |= *part;
        at = comma + 1;
    }
    return bits;
}

std::string field_text(const field_rule& rule, std::uint64_t bits) {
    const auto has = [&](int value) { return (bits >> value & 1U) != 0; };
    std::string text;
    for (int first = rule.low; first <= rule.high; ++first) {
        if (!has(first)) {
            continue;
        }
        int last = first;
        while (last < rule.high && has(last + 1)) {
            ++last;
        }
        text += fmt::format("{}{}", text.empty() ? "" : ",", first);
        if (last > first) {
            text += fmt::format("-{}", last);
        }
        first = last;
    }
    return text;
}

} // namespace restpoint::schedule
