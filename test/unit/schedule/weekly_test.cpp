#include "schedule/weekly.hpp"
#include "support/catch.hpp"

#include <map>
#include <set>
#include <vector>

using namespace restpoint;
using namespace restpoint::schedule;
using backrest::backup_type;

namespace {

using variables = std::map<std::string, std::string, std::less<>>;

result<std::vector<definition>> from(const variables& set) {
    return weekly_from_environment([&](std::string_view name) -> std::optional<std::string> {
        const auto found = set.find(name);
        return found == set.end() ? std::nullopt : std::optional(found->second);
    });
}

/// The expressions, Sunday's first.
std::vector<std::string> expressions_of(const variables& set) {
    std::vector<std::string> all;
    for (const auto& day : from(set).value()) {
        all.push_back(day.expression);
    }
    return all;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("without a variable there is no schedule", "[schedule]") {
    CHECK(from({}).value().empty());
    CHECK(from({{"TZ", "Europe/Berlin"}}).value().empty());
}

TEST_CASE("an empty variable counts as not set", "[schedule]") {
    CHECK(from({{"PG_BACKUP_TIME", ""}, {"PG_BACKUP_TIME_SUN", ""}}).value().empty());
    CHECK(
        expressions_of({{"PG_BACKUP_TIME", ""}, {"PG_BACKUP_TIME_SUN", "05:00"}}).at(1) ==
        "30 0 * * 1");
}

TEST_CASE("one variable sets every day", "[schedule]") {
    CHECK(
        expressions_of({{"PG_BACKUP_TIME", "02:15"}}) ==
        texts{
            "15 2 * * 0", "15 2 * * 1", "15 2 * * 2", "15 2 * * 3", "15 2 * * 4", "15 2 * * 5",
            "15 2 * * 6"});
}

TEST_CASE("each day has a variable of its own", "[schedule]") {
    CHECK(
        expressions_of(
            {{"PG_BACKUP_TIME_SUN", "00:00"},
             {"PG_BACKUP_TIME_MON", "01:01"},
             {"PG_BACKUP_TIME_TUE", "02:02"},
             {"PG_BACKUP_TIME_WED", "03:03"},
             {"PG_BACKUP_TIME_THUR", "04:04"},
             {"PG_BACKUP_TIME_FRI", "05:05"},
             {"PG_BACKUP_TIME_SAT", "23:59"}}) == texts{
                                                      "0 0 * * 0", "1 1 * * 1", "2 2 * * 2",
                                                      "3 3 * * 3", "4 4 * * 4", "5 5 * * 5",
                                                      "59 23 * * 6"});
}

TEST_CASE("a day's variable leaves the others at half past midnight", "[schedule]") {
    CHECK(
        expressions_of({{"PG_BACKUP_TIME_SAT", "12:00"}}) ==
        texts{
            "30 0 * * 0", "30 0 * * 1", "30 0 * * 2", "30 0 * * 3", "30 0 * * 4", "30 0 * * 5",
            "0 12 * * 6"});
}

TEST_CASE("a day's variable goes before the common one", "[schedule]") {
    const auto all =
        expressions_of({{"PG_BACKUP_TIME", "01:00"}, {"PG_BACKUP_TIME_THUR", "02:00"}});

    CHECK(all.at(4) == "0 2 * * 4");
    CHECK(all.at(5) == "0 1 * * 5");
}

TEST_CASE("Sunday's backup is full and the others are differential", "[schedule]") {
    const auto all = from({{"PG_BACKUP_TIME", "01:00"}}).value();

    REQUIRE(all.size() == 7);
    for (std::size_t day = 0; day < 7; ++day) {
        CAPTURE(day);
        CHECK(all[day].type == (day == 0 ? backup_type::full : backup_type::diff));
        CHECK(all[day].what == action::backup);
        CHECK(all[day].when.weekdays == 1U << day);
    }
}

TEST_CASE("the days are schedules on the primary that catch up, named as variables", "[schedule]") {
    std::set<std::string> names;
    for (const auto& day : from({{"PG_BACKUP_TIME", "01:00"}}).value()) {
        names.insert(day.name);
        CHECK(day.catch_up);
        CHECK(day.where == run_on::primary);
        CHECK(day.jitter.count() == 0);
    }
    CHECK(
        names == std::set<std::string>{
                     "PG_BACKUP_TIME_SUN", "PG_BACKUP_TIME_MON", "PG_BACKUP_TIME_TUE",
                     "PG_BACKUP_TIME_WED", "PG_BACKUP_TIME_THUR", "PG_BACKUP_TIME_FRI",
                     "PG_BACKUP_TIME_SAT"});
}

TEST_CASE("other names are not ours", "[schedule]") {
    CHECK(from({{"PG_BACKUP_TIME_THU", "01:00"}, {"PG_BACKUP_TIMES", "02:00"}}).value().empty());
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
        return from({{"PG_BACKUP_TIME", "01:00"}, {"TZ", tz}}).value().at(3).zone.name();
    };

    CHECK(zone("Europe/Berlin") == "Europe/Berlin");
    CHECK(zone(":Europe/Berlin") == "Europe/Berlin");
    CHECK(zone("UTC") == "UTC");
    CHECK(zone("") == "UTC");
    CHECK(zone(":") == "UTC");
    CHECK(clocks::of(zone(":/etc/localtime")).has_value()); // the machine's own, or UTC
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
