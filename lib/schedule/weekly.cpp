#include "schedule/weekly.hpp"

#include "base/utf8.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace restpoint::schedule {

namespace {

using std::chrono::minutes;

constexpr std::string_view every_day = "PG_BACKUP_TIME";
constexpr std::array<std::string_view, 7> day_suffixes{"_SUN",  "_MON", "_TUE", "_WED",
                                                       "_THUR", "_FRI", "_SAT"};
constexpr minutes default_time{30};

/// "00:30": two digits, a colon, two digits.
std::optional<minutes> parse_time_of_day(std::string_view text) {
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
    return minutes{hour * 60 + minute};
}

/// None when the zone is not known, or there is no zone database at all.
const date::time_zone* find_zone(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::exception&) {
        return nullptr;
    }
}

/// The clocks of a zone. UTC needs no zone database, so that the default works in an image that has
/// none.
class clocks {
  public:
    explicit clocks(const std::string& name) : zone_(find_zone(name)), is_utc_(name == "UTC") {}

    [[nodiscard]] bool known() const { return is_utc_ || zone_ != nullptr; }

    [[nodiscard]] date::local_seconds show(date::sys_seconds instant) const {
        return is_utc_ ? date::local_seconds{instant.time_since_epoch()} : zone_->to_local(instant);
    }

    /// The instant at which they show `wanted`, by the rule in the header.
    [[nodiscard]] date::sys_seconds instant_of(date::local_seconds wanted) const {
        const date::sys_seconds as_utc{wanted.time_since_epoch()};
        if (is_utc_) {
            return as_utc;
        }
        const auto found = zone_->get_info(wanted);
        return found.result == date::local_info::nonexistent ? found.second.begin
                                                             : as_utc - found.first.offset;
    }

  private:
    const date::time_zone* zone_;
    bool is_utc_;
};

failure unknown_zone(const std::string& name) {
    return {
        errc::invalid, fmt::format("time zone '{}' is not known", presentable(name, 64)),
        "set TZ to an IANA name such as Europe/Berlin, and install tzdata"};
}

/// The machine's own zone; empty when it does not say.
std::string own_zone() {
    try {
        return date::current_zone()->name();
    } catch (const std::exception&) {
        return {};
    }
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

backrest::backup_type type_on(date::weekday day) {
    return day == date::Sunday ? backrest::backup_type::full : backrest::backup_type::diff;
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

result<std::optional<weekly>> weekly_from_environment(const environment_lookup& get) {
    std::string problems;
    bool any = false;
    const auto read = [&](std::string_view name, minutes otherwise) {
        const auto value = get(name);
        if (!value || value->empty()) {
            return otherwise;
        }
        any = true;
        const auto time = parse_time_of_day(*value);
        if (!time) {
            problems += fmt::format(
                "{}{}='{}' is not a time of day", problems.empty() ? "" : "; ", name,
                presentable(*value, 64));
        }
        return time.value_or(otherwise);
    };
    weekly plan;
    const auto otherwise = read(every_day, default_time);
    for (std::size_t day = 0; day < plan.at.size(); ++day) {
        plan.at[day] = read(fmt::format("{}{}", every_day, day_suffixes[day]), otherwise);
    }
    if (!problems.empty()) {
        return failure{errc::invalid, problems, "write HH:MM, from 00:00 to 23:59"};
    }
    if (!any) {
        return std::optional<weekly>{};
    }
    plan.time_zone = zone_of(get("TZ"));
    if (!clocks{plan.time_zone}.known()) {
        return unknown_zone(plan.time_zone);
    }
    return std::optional{std::move(plan)};
}

result<due_backup> next_due(const weekly& plan, wall_time now) {
    const clocks zone{plan.time_zone};
    if (!zone.known()) {
        return unknown_zone(plan.time_zone);
    }
    const auto shown = zone.show(std::chrono::floor<std::chrono::seconds>(now));
    const auto today = std::chrono::floor<date::days>(shown);
    const auto due_on = [&](int offset) {
        const auto day = today + date::days{offset};
        const date::weekday weekday{day};
        return due_backup{zone.instant_of(day + plan.at[weekday.c_encoding()]), type_on(weekday)};
    };
    // Earlier days need no look: before a gap's end the clock shows a time before the gap, so what
    // the gap moves is still of today or later.
    constexpr int surely_later = 8;
    auto next = due_on(surely_later);
    for (int offset = 0; offset < surely_later; ++offset) {
        const auto due = due_on(offset);
        // Of two that a gap has moved to one instant the stronger counts: full is the first value.
        if (due.at > now && std::pair(due.at, due.type) < std::pair(next.at, next.type)) {
            next = due;
        }
    }
    return next;
}

} // namespace restpoint::schedule
