#include "minute_bits.hpp"

#include <algorithm>
#include <cctype>
#include <ctime>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace restpoint::schedule::test {

namespace {

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, at);) {
        parts.push_back(part);
    }
    return parts;
}

int number(std::string text) {
    static const std::map<std::string, int> names{
        {"jan", 1}, {"feb", 2}, {"mar", 3},  {"apr", 4},  {"may", 5},  {"jun", 6}, {"jul", 7},
        {"aug", 8}, {"sep", 9}, {"oct", 10}, {"nov", 11}, {"dec", 12}, {"sun", 0}, {"mon", 1},
        {"tue", 2}, {"wed", 3}, {"thu", 4},  {"fri", 5},  {"sat", 6}};
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto named = names.find(text);
    return named == names.end() ? std::stoi(text) : named->second;
}

/// Whether `field` names `value`; `low` is where an asterisk begins to count.
bool holds(const std::string& field, int value, int low) {
    return std::ranges::any_of(split(field, ','), [&](const std::string& part) {
        const auto pieces = split(part, '/');
        const int step = pieces.size() > 1 ? std::stoi(pieces[1]) : 1;
        if (pieces[0] == "*") {
            return (value - low) % step == 0;
        }
        const auto ends = split(pieces[0], '-');
        const int first = number(ends.front());
        int last = number(ends.back());
        if (last < first) {
            last += 7; // FRI-SUN
        }
        return value >= first && value <= last && (value - first) % step == 0;
    });
}

template <std::size_t Size>
void fill(
    std::array<expression_set, Size>& bits, std::size_t index, const std::string& field, int low) {
    for (auto value = static_cast<std::size_t>(low); value < Size; ++value) {
        if (holds(field, static_cast<int>(value), low)) {
            bits[value].add(index);
        }
    }
}

} // namespace

minute_bits::minute_bits(std::span<const std::string_view> expressions) {
    for (std::size_t i = 0; i < expressions.size(); ++i) {
        read(i, expressions[i]);
    }
}

void minute_bits::read(std::size_t index, std::string_view expression) {
    static const std::map<std::string_view, std::string_view> forms{
        {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
        {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
        {"@hourly", "0 * * * *"}};
    const auto form = forms.find(expression);
    std::istringstream in{std::string(form == forms.end() ? expression : form->second)};
    const std::vector<std::string> fields{std::istream_iterator<std::string>(in), {}};
    fill(minutes_, index, fields.at(0), 0);
    fill(hours_, index, fields.at(1), 0);
    fill(days_, index, fields.at(2), 1);
    fill(months_, index, fields.at(3), 1);
    fill(weekdays_, index, fields.at(4), 0);
    if (fields[4] != "*" && holds(fields[4], 7, 0) && fields[4].front() != '*') {
        weekdays_[0].add(index);
    }
    if (fields[2] == "*" || fields[2] == "*/1") {
        any_day_.add(index);
    }
    if (fields[4] == "*" || fields[4] == "*/1") {
        any_weekday_.add(index);
    }
    if (std::ranges::all_of(hours_, [&](const expression_set& hour) { return hour.has(index); })) {
        elapsed_.add(index);
    }
}

expression_set minute_bits::on_day(std::int64_t day) const {
    const std::time_t noon = day * 86400 + 43200;
    std::tm date{};
    ::gmtime_r(&noon, &date);
    const auto& by_date = days_[static_cast<std::size_t>(date.tm_mday)];
    const auto& by_weekday = weekdays_[static_cast<std::size_t>(date.tm_wday)];
    const auto day_matches =
        (any_day_ & any_weekday_) | (~any_day_ & by_date) | (~any_weekday_ & by_weekday);
    return months_[static_cast<std::size_t>(date.tm_mon) + 1] & day_matches;
}

} // namespace restpoint::schedule::test
