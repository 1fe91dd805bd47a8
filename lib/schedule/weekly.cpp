#include "schedule/weekly.hpp"

#include "base/utf8.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace restpoint::schedule {

namespace {

constexpr std::string_view every_day = "PG_BACKUP_TIME";
constexpr std::array<std::string_view, 7> day_suffixes{"_SUN",  "_MON", "_TUE", "_WED",
                                                       "_THUR", "_FRI", "_SAT"};

struct time_of_day {
    int hour = 0;
    int minute = 30;
};

/// "00:30": two digits, a colon, two digits.
std::optional<time_of_day> parse_time_of_day(std::string_view text) {
    const auto two_digits = [&](std::size_t at) -> int {
        const auto tens = text[at] - '0';
        const auto ones = text[at + 1] - '0';
        return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones;
    };
    if (text.size() != 5 || text[2] != ':') {
        return std::nullopt;
    }
    const auto hour = two_digits(0);
    const auto minute = two_digits(3);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
        return std::nullopt;
    }
    return time_of_day{hour, minute};
}

/// The machine's own zone; empty when it does not say.
std::string own_zone() {
    std::string name;
    try {
        name = date::current_zone()->name();
    } catch (const std::exception&) {
        // There is no file that says it, or one that says something else.
    }
    return name;
}

/// The zone that TZ names, without the colon that POSIX allows before it.
std::string zone_of(const std::optional<std::string>& tz) {
    auto name = tz.value_or("");
    if (!name.empty() && name.front() == ':') {
        name.erase(0, 1);
    }
    // Debian's way of naming the machine's own zone without a look at the file for every time
    // shown.
    if (name == "/etc/localtime") {
        name = own_zone();
    }
    return name.empty() ? "UTC" : name;
}

/// Reads the variables and remembers whether any was set, and what was wrong.
class reader {
  public:
    explicit reader(const environment_lookup& get) : get_(get) {}

    time_of_day read(std::string_view name, time_of_day otherwise) {
        const auto value = get_(name);
        if (!value || value->empty()) {
            return otherwise;
        }
        any_ = true;
        const auto time = parse_time_of_day(*value);
        if (!time) {
            problems_ += fmt::format(
                "{}{}='{}' is not a time of day", problems_.empty() ? "" : "; ", name,
                presentable(*value, 64));
        }
        return time.value_or(otherwise);
    }
    [[nodiscard]] bool any() const { return any_; }
    [[nodiscard]] const std::string& problems() const { return problems_; }

  private:
    const environment_lookup& get_;
    bool any_ = false;
    std::string problems_ = {};
};

definition_text text_of(std::size_t day, time_of_day at, const std::string& zone) {
    definition_text text;
    text.name = fmt::format("{}{}", every_day, day_suffixes[day]);
    text.type = day == 0 ? "full" : "diff";
    text.cron = fmt::format("{} {} * * {}", at.minute, at.hour, day);
    text.time_zone = zone;
    return text;
}

} // namespace

result<> check_variable_names(const std::vector<std::string>& names) {
    std::string unknown;
    for (const auto& name : names) {
        const auto suffix = std::string_view(name).substr(std::min(name.size(), every_day.size()));
        const bool known =
            suffix.empty() || std::ranges::find(day_suffixes, suffix) != day_suffixes.end();
        if (name.starts_with(every_day) && !known) {
            unknown += (unknown.empty() ? "" : ", ") + presentable(name, 64);
        }
    }
    if (unknown.empty()) {
        return {};
    }
    return failure{
        errc::invalid, "no such variable of the schedule: " + unknown,
        "there are PG_BACKUP_TIME and PG_BACKUP_TIME_SUN, _MON, _TUE, _WED, _THUR, _FRI and _SAT"};
}

result<std::vector<definition>> weekly_from_environment(const environment_lookup& get) {
    reader variables(get);
    std::array<time_of_day, 7> times;
    const auto otherwise = variables.read(every_day, time_of_day{});
    for (std::size_t day = 0; day < times.size(); ++day) {
        times[day] = variables.read(fmt::format("{}{}", every_day, day_suffixes[day]), otherwise);
    }
    if (!variables.problems().empty()) {
        return failure{errc::invalid, variables.problems(), "write HH:MM, from 00:00 to 23:59"};
    }
    std::vector<definition> all;
    if (!variables.any()) {
        return all;
    }
    const auto name = zone_of(get("TZ"));
    if (!clocks::of(name)) {
        return failure{
            errc::invalid, fmt::format("time zone '{}' is not known", presentable(name, 64)),
            "set TZ to an IANA name such as Europe/Berlin, and install tzdata"};
    }
    for (std::size_t day = 0; day < times.size(); ++day) {
        all.push_back(make_definition(text_of(day, times[day], name)).value());
    }
    return all;
}

} // namespace restpoint::schedule
