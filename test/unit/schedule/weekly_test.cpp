#include "schedule/weekly.hpp"
#include "support/catch.hpp"

#include <cstdlib>
#include <ctime>
#include <map>
#include <vector>

using namespace restpoint;
using namespace restpoint::schedule;
using namespace std::chrono;
using backrest::backup_type;

namespace {

wall_time at(const char* text) {
    return parse_rfc3339(text).value();
}

weekly every_day(minutes time, const char* zone) {
    weekly plan{.time_zone = zone};
    plan.at.fill(time);
    return plan;
}

/// The next `count` times as text, each asked for at the one before it.
std::vector<std::string> following(const weekly& plan, const char* from, int count) {
    std::vector<std::string> times;
    auto now = at(from);
    for (int i = 0; i < count; ++i) {
        now = next_due(plan, now).value().at;
        times.push_back(rfc3339(now).substr(0, 16));
    }
    return times;
}

using variables = std::map<std::string, std::string, std::less<>>;

result<std::optional<weekly>> from(const variables& set) {
    return weekly_from_environment([&](std::string_view name) -> std::optional<std::string> {
        const auto found = set.find(name);
        return found == set.end() ? std::nullopt : std::optional(found->second);
    });
}

} // namespace

TEST_CASE("without a variable there is no schedule", "[schedule]") {
    CHECK_FALSE(from({}).value());
    CHECK_FALSE(from({{"TZ", "Europe/Berlin"}}).value());
}

TEST_CASE("an empty variable counts as not set", "[schedule]") {
    CHECK_FALSE(from({{"PG_BACKUP_TIME", ""}, {"PG_BACKUP_TIME_SUN", ""}}).value());
    CHECK(from({{"PG_BACKUP_TIME", ""}, {"PG_BACKUP_TIME_SUN", "05:00"}}).value()->at[1] == 30min);
}

TEST_CASE("one variable sets every day", "[schedule]") {
    const auto plan = from({{"PG_BACKUP_TIME", "02:15"}}).value();

    CHECK(plan == every_day(135min, "UTC"));
}

TEST_CASE("each day has a variable of its own", "[schedule]") {
    const auto plan = from(
        {{"PG_BACKUP_TIME_SUN", "00:00"},
         {"PG_BACKUP_TIME_MON", "01:01"},
         {"PG_BACKUP_TIME_TUE", "02:02"},
         {"PG_BACKUP_TIME_WED", "03:03"},
         {"PG_BACKUP_TIME_THUR", "04:04"},
         {"PG_BACKUP_TIME_FRI", "05:05"},
         {"PG_BACKUP_TIME_SAT", "23:59"}});

    CHECK(
        plan.value()->at ==
        std::array<minutes, 7>{0min, 61min, 122min, 183min, 244min, 305min, 1439min});
}

TEST_CASE("a day's variable leaves the others at half past midnight", "[schedule]") {
    auto expected = every_day(30min, "UTC");
    expected.at[6] = 720min;

    CHECK(from({{"PG_BACKUP_TIME_SAT", "12:00"}}).value() == expected);
}

TEST_CASE("a day's variable goes before the common one", "[schedule]") {
    auto expected = every_day(60min, "UTC");
    expected.at[4] = 120min;

    CHECK(
        from({{"PG_BACKUP_TIME", "01:00"}, {"PG_BACKUP_TIME_THUR", "02:00"}}).value() == expected);
}

TEST_CASE("other names are not ours", "[schedule]") {
    CHECK_FALSE(from({{"PG_BACKUP_TIME_THU", "01:00"}, {"PG_BACKUP_TIMES", "02:00"}}).value());
}

TEST_CASE("a time is two digits, a colon and two digits", "[schedule]") {
    for (const auto* text :
         {"0:30", "00:3", "0030", "24:00", "23:60", "00:30 ", " 00:30", "00:30:00", "-1:30",
          "00-30", "aa:bb", "0a:30", "00:3a", "+0:30", "::::", "00:30\n", "noon"}) {
        CAPTURE(text);
        const auto plan = from({{"PG_BACKUP_TIME", text}});
        REQUIRE_FALSE(plan.has_value());
        CHECK(plan.error().code == errc::invalid);
        CHECK_THAT(plan.error().detail, StartsWith("PG_BACKUP_TIME='"));
        CHECK_FALSE(plan.error().hint.empty());
    }
}

TEST_CASE("every bad value is named at once", "[schedule]") {
    const auto plan = from(
        {{"PG_BACKUP_TIME", "25:00"},
         {"PG_BACKUP_TIME_MON", "01:00"},
         {"PG_BACKUP_TIME_SAT", "x\x1B"}});

    REQUIRE_FALSE(plan.has_value());
    CHECK(
        plan.error().detail == "PG_BACKUP_TIME='25:00' is not a time of day; "
                               "PG_BACKUP_TIME_SAT='x?' is not a time of day");
}

TEST_CASE("TZ names the zone, else it is UTC", "[schedule]") {
    const auto zone = [](const char* tz) {
        return from({{"PG_BACKUP_TIME", "01:00"}, {"TZ", tz}}).value()->time_zone;
    };

    CHECK(zone("Europe/Berlin") == "Europe/Berlin");
    CHECK(zone(":Europe/Berlin") == "Europe/Berlin");
    CHECK(zone("UTC") == "UTC");
    CHECK(zone("") == "UTC");
    CHECK(zone(":") == "UTC");
}

TEST_CASE("a zone that nobody knows is refused instead of taken for UTC", "[schedule]") {
    for (const auto* tz :
         {"CET-1CEST,M3.5.0,M10.5.0/3", "Mars/Olympus", "../../etc/passwd", "europe/berlin"}) {
        const auto plan = from({{"PG_BACKUP_TIME", "01:00"}, {"TZ", tz}});
        CAPTURE(tz);
        REQUIRE_FALSE(plan.has_value());
        CHECK(plan.error().detail == "time zone '" + std::string(tz) + "' is not known");
    }
    CHECK(from({{"TZ", "Mars/Olympus"}}).has_value()); // no schedule, no need of a zone
}

TEST_CASE("a misspelt variable is refused instead of passed over", "[schedule]") {
    CHECK(check_variable_names({"PATH", "PG_BACKUP_TIME", "PG_BACKUP_TIME_THUR"}).has_value());

    const auto refused = check_variable_names({"PG_BACKUP_TIME_THU", "PG_BACKUP_TIMES"});
    REQUIRE_FALSE(refused.has_value());
    CHECK(
        refused.error().detail ==
        "no such variable of the schedule: PG_BACKUP_TIME_THU, PG_BACKUP_TIMES");
}

TEST_CASE("Sunday's backup is full and the others are differential", "[schedule]") {
    auto now = at("2026-11-21T12:00:00Z"); // a Saturday
    for (int day = 0; day < 14; ++day) {
        const auto due = next_due(every_day(30min, "UTC"), now).value();
        CAPTURE(rfc3339(due.at));
        CHECK(due.type == (day % 7 == 0 ? backup_type::full : backup_type::diff));
        CHECK(due.at == at("2026-11-22T00:30:00Z") + hours{24 * day});
        now = due.at;
    }
}

TEST_CASE("the weekday is that of the zone's calendar", "[schedule]") {
    // Half past midnight of Sunday in Auckland is Saturday noon in UTC.
    const auto due =
        next_due(every_day(30min, "Pacific/Auckland"), at("2026-11-21T00:00:00Z")).value();

    CHECK(rfc3339(due.at) == "2026-11-21T11:30:00.000Z");
    CHECK(due.type == backup_type::full);
}

TEST_CASE("the time itself is not after itself", "[schedule]") {
    const auto plan = every_day(30min, "UTC");
    const auto due = at("2026-11-22T00:30:00Z");

    CHECK(next_due(plan, due - 1ms).value().at == due);
    CHECK(next_due(plan, due).value().at == due + 24h);
    CHECK(next_due(plan, due + 1ms).value().at == due + 24h);
}

TEST_CASE("each day's own time is kept", "[schedule]") {
    auto plan = every_day(30min, "UTC");
    plan.at[1] = 23h + 59min; // Monday
    plan.at[2] = 0min;        // Tuesday, a minute later

    CHECK(
        following(plan, "2026-11-22T12:00:00Z", 3) ==
        std::vector<std::string>{"2026-11-23T23:59", "2026-11-24T00:00", "2026-11-25T00:30"});
}

TEST_CASE("a time that the clock skips is the first minute after the gap", "[schedule]") {
    // On 2026-03-29 Berlin goes from 02:00 to 03:00, at 01:00 UTC.
    const std::pair<minutes, const char*> times[] = {
        {1h + 59min, "2026-03-29T00:59"}, {2h, "2026-03-29T01:00"},
        {2h + 30min, "2026-03-29T01:00"}, {2h + 59min, "2026-03-29T01:00"},
        {3h, "2026-03-29T01:00"},         {3h + 1min, "2026-03-29T01:01"}};
    for (const auto& [time, expected] : times) {
        CAPTURE(expected);
        const auto plan = every_day(time, "Europe/Berlin");
        CHECK(following(plan, "2026-03-28T12:00:00Z", 1).at(0) == expected);
        CHECK(next_due(plan, at("2026-03-28T12:00:00Z")).value().type == backup_type::full);
    }
}

TEST_CASE("a skipped time is due once", "[schedule]") {
    CHECK(
        following(every_day(2h + 30min, "Europe/Berlin"), "2026-03-27T12:00:00Z", 3) ==
        std::vector<std::string>{"2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"});
}

TEST_CASE("a time that comes twice is due the first time only", "[schedule]") {
    // On 2026-10-25 Berlin goes from 03:00 back to 02:00, at 01:00 UTC.
    CHECK(
        following(every_day(2h + 30min, "Europe/Berlin"), "2026-10-23T12:00:00Z", 4) ==
        std::vector<std::string>{
            "2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30", "2026-10-27T01:30"});
    CHECK(
        following(every_day(2h, "Europe/Berlin"), "2026-10-24T12:00:00Z", 2) ==
        std::vector<std::string>{"2026-10-25T00:00", "2026-10-26T01:00"});
    CHECK(
        following(every_day(3h, "Europe/Berlin"), "2026-10-24T12:00:00Z", 2) ==
        std::vector<std::string>{"2026-10-25T02:00", "2026-10-26T02:00"});
}

TEST_CASE("between the two times of a repeated hour the next is tomorrow's", "[schedule]") {
    const auto plan = every_day(2h + 30min, "Europe/Berlin");

    CHECK(next_due(plan, at("2026-10-25T01:15:00Z")).value().at == at("2026-10-26T01:30:00Z"));
}

TEST_CASE("a gap at midnight moves the time to the same day's first minute", "[schedule]") {
    // Cairo goes from 00:00 to 01:00 on Friday 2026-04-24, at 22:00 UTC of the day before.
    CHECK(
        following(every_day(30min, "Africa/Cairo"), "2026-04-22T12:00:00Z", 3) ==
        std::vector<std::string>{"2026-04-22T22:30", "2026-04-23T22:00", "2026-04-24T21:30"});
}

TEST_CASE("a day that a zone leaves out is due as the next begins", "[schedule]") {
    // Samoa had no 30 December 2011; the 31st, a Saturday, began at 10:00 UTC of the 30th.
    CHECK(
        following(every_day(30min, "Pacific/Apia"), "2011-12-29T00:00:00Z", 4) ==
        std::vector<std::string>{
            "2011-12-29T10:30", "2011-12-30T10:00", "2011-12-30T10:30", "2011-12-31T10:30"});
}

TEST_CASE("of two backups that a gap moves to one instant the full one is made", "[schedule]") {
    // Kwajalein had no 21 August 1993, a Saturday; Sunday the 22nd began at 12:00 UTC.
    auto plan = every_day(0min, "Pacific/Kwajalein");
    const auto due = next_due(plan, at("1993-08-21T00:00:00Z")).value();
    CHECK(rfc3339(due.at) == "1993-08-21T12:00:00.000Z");
    CHECK(due.type == backup_type::full);
    CHECK(rfc3339(next_due(plan, due.at).value().at) == "1993-08-22T12:00:00.000Z");
}

TEST_CASE("a zone that is not known is refused", "[schedule]") {
    for (const auto* zone : {"", "Mars/Olympus", "utc", "../Europe/Berlin"}) {
        CAPTURE(zone);
        const auto due = next_due(every_day(30min, zone), at("2026-11-22T00:00:00Z"));
        REQUIRE_FALSE(due.has_value());
        CHECK(due.error().code == errc::invalid);
        CHECK_THAT(due.error().detail, ContainsSubstring("time zone '" + std::string(zone) + "'"));
        CHECK_FALSE(due.error().hint.empty());
    }
}

namespace {

/// The C library's clocks, as an opinion that is not ours.
class c_library_zone {
  public:
    explicit c_library_zone(const char* zone) {
        if (const auto* const before = std::getenv("TZ")) {
            before_ = before;
        }
        ::setenv("TZ", zone, 1);
        ::tzset();
    }
    ~c_library_zone() {
        if (before_) {
            ::setenv("TZ", before_->c_str(), 1);
        } else {
            ::unsetenv("TZ");
        }
        ::tzset();
    }
    c_library_zone(const c_library_zone&) = delete;
    c_library_zone& operator=(const c_library_zone&) = delete;

    [[nodiscard]] static minutes local(wall_time instant) {
        const auto seconds = system_clock::to_time_t(instant);
        std::tm parts{};
        ::localtime_r(&seconds, &parts);
        return duration_cast<minutes>(std::chrono::seconds{seconds + parts.tm_gmtoff});
    }

  private:
    std::optional<std::string> before_ = {};
};

struct shown_time {
    minutes local;
    wall_time when;
};

/// Each time of day that the clock shows for the first time, or jumps over, and when it does.
std::vector<shown_time> watch(wall_time from, wall_time to, minutes step) {
    std::vector<shown_time> all;
    auto shown = c_library_zone::local(from);
    for (auto now = from + step; now < to; now += step) {
        const auto next = c_library_zone::local(now);
        for (; shown < next; shown += step) { // what is shown a second time is not above `shown`
            all.push_back({shown + step, now});
        }
    }
    return all;
}

std::vector<due_backup> by_watching(const std::vector<shown_time>& times, const weekly& plan) {
    std::vector<due_backup> all;
    for (const auto& [local, when] : times) {
        const auto day = floor<days>(local);
        const weekday on{sys_days{day}};
        if (local - day == plan.at[on.c_encoding()]) {
            all.push_back({when, on == Sunday ? backup_type::full : backup_type::diff});
        }
    }
    return all;
}

} // namespace

TEST_CASE("years of due times agree with a clock that is watched", "[schedule]") {
    const auto from = at("2024-01-01T00:00:00Z");
    const auto to = at("2028-01-01T00:00:00Z");
    const auto step = 15min; // every change of a clock in these years is a multiple of it
    for (const auto* zone :
         {"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
          "Africa/Casablanca", "America/Nuuk", "Africa/Cairo"}) {
        const c_library_zone clock(zone);
        const auto times = watch(from, to, step);
        for (const auto first : {0min, 90min, 120min, 150min}) {
            CAPTURE(zone, first.count());
            auto plan = every_day(first, zone);
            plan.at[3] = 23h + 30min;
            const auto expected = by_watching(times, plan);
            REQUIRE(expected.size() > 1450);
            std::vector<due_backup> found;
            for (auto due = next_due(plan, from).value(); due.at < to;
                 due = next_due(plan, due.at).value()) {
                found.push_back(due);
            }
            REQUIRE(found.size() == expected.size());
            for (std::size_t i = 0; i < found.size(); ++i) {
                if (found[i] != expected[i]) {
                    FAIL(rfc3339(found[i].at) << " instead of " << rfc3339(expected[i].at));
                }
            }
        }
    }
    SUCCEED();
}
