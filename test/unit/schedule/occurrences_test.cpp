// The rule at clock changes, case by case; years of it are in simulation_test.cpp.
#include "schedule/occurrences.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace restpoint;
using namespace restpoint::schedule;
using namespace std::chrono;

namespace {

wall_time at(const char* text) {
    return parse_rfc3339(text).value();
}

/// The next `count` due times in UTC, to the minute.
std::vector<std::string> following(
    const char* expression, const char* zone, const char* after, int count) {
    const auto what = parse_cron(expression).value();
    const auto clock = clocks::of(zone).value();
    std::vector<std::string> all;
    auto now = at(after);
    for (int i = 0; i < count; ++i) {
        now = next_run(what, clock, now).value();
        all.push_back(rfc3339(now).substr(0, 16));
    }
    return all;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("a due time is strictly after the one asked about", "[schedule]") {
    const auto what = parse_cron("30 2 * * *").value();
    const clocks utc;
    const auto due = at("2026-11-22T02:30:00Z");

    CHECK(next_run(what, utc, due - 1ns) == due);
    CHECK(next_run(what, utc, due - 59s) == due);
    CHECK(next_run(what, utc, due) == due + 24h);
    CHECK(next_run(what, utc, due + 1ns) == due + 24h);
}

TEST_CASE("times before 1970 and at the ends of the calendar are answered", "[schedule]") {
    const auto leap_day = parse_cron("0 0 29 2 *").value();
    const clocks utc;

    CHECK(
        rfc3339(next_run(cron{}, utc, at("1969-12-31T23:58:59.5Z")).value()) ==
        "1969-12-31T23:59:00.000Z");
    CHECK(
        rfc3339(next_run(leap_day, utc, at("1896-02-29T00:00:00Z")).value()) ==
        "1904-02-29T00:00:00.000Z");
    CHECK(
        rfc3339(next_run(leap_day, utc, at("2096-02-29T00:00:00Z")).value()) ==
        "2104-02-29T00:00:00.000Z");
    CHECK(next_run(cron{}, utc, wall_time::min()).has_value());
    CHECK(next_run(leap_day, clocks::of("Europe/Berlin").value(), wall_time::min()).has_value());
    CHECK_FALSE(next_run(cron{}, utc, wall_time::max()));
    CHECK_FALSE(next_run(leap_day, utc, at("2260-02-29T00:00:00Z")));
}

TEST_CASE("either of two restricted days is meant", "[schedule]") {
    // 2026-11-13 is a Friday.
    CHECK(
        following("0 0 13,20 * FRI", "UTC", "2026-11-01T00:00:00Z", 5) ==
        texts{
            "2026-11-06T00:00", "2026-11-13T00:00", "2026-11-20T00:00", "2026-11-27T00:00",
            "2026-12-04T00:00"});
    CHECK(
        following("0 0 1 * MON", "UTC", "2026-10-20T00:00:00Z", 4) ==
        texts{"2026-10-26T00:00", "2026-11-01T00:00", "2026-11-02T00:00", "2026-11-09T00:00"});
}

TEST_CASE("the end of a month comes only in months that have it", "[schedule]") {
    CHECK(
        following("59 23 31 * *", "UTC", "2026-01-31T23:59:00Z", 4) ==
        texts{"2026-03-31T23:59", "2026-05-31T23:59", "2026-07-31T23:59", "2026-08-31T23:59"});
    CHECK(
        following("0 0 29 2 *", "UTC", "2024-02-29T00:00:00Z", 2) ==
        texts{"2028-02-29T00:00", "2032-02-29T00:00"});
}

TEST_CASE("a time of the day that is skipped runs the moment the gap is over", "[schedule]") {
    // On 2026-03-29 Berlin goes from 02:00 to 03:00, at 01:00 UTC.
    const auto* const before = "2026-03-28T12:00:00Z";
    CHECK(
        following("30 2 * * *", "Europe/Berlin", before, 2) ==
        texts{"2026-03-29T01:00", "2026-03-30T00:30"});
    CHECK(following("59 1 * * *", "Europe/Berlin", before, 1) == texts{"2026-03-29T00:59"});
    CHECK(following("0 2 * * *", "Europe/Berlin", before, 1) == texts{"2026-03-29T01:00"});
    CHECK(following("59 2 * * *", "Europe/Berlin", before, 1) == texts{"2026-03-29T01:00"});
    CHECK(following("1 3 * * *", "Europe/Berlin", before, 1) == texts{"2026-03-29T01:01"});
}

TEST_CASE("many skipped times run once, together with what is due then", "[schedule]") {
    CHECK(
        following("*/15 2,3 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 5) ==
        texts{
            "2026-03-29T01:00", "2026-03-29T01:15", "2026-03-29T01:30", "2026-03-29T01:45",
            "2026-03-30T00:00"});
    CHECK(
        following("*/15 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", 2) ==
        texts{"2026-03-29T01:00", "2026-03-30T00:00"});
}

TEST_CASE("a time of the day that comes twice runs the first time", "[schedule]") {
    // On 2026-10-25 Berlin goes from 03:00 back to 02:00, at 01:00 UTC.
    CHECK(
        following("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2) ==
        texts{"2026-10-25T00:30", "2026-10-26T01:30"});
    CHECK(
        following("0,59 2,3 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 5) ==
        texts{
            "2026-10-25T00:00", "2026-10-25T00:59", "2026-10-25T02:00", "2026-10-25T02:59",
            "2026-10-26T01:00"});
    // Asked in the second pass.
    CHECK(
        following("30 2 * * *", "Europe/Berlin", "2026-10-25T01:15:00Z", 1) ==
        texts{"2026-10-26T01:30"});
}

TEST_CASE("every hour follows elapsed time through both changes", "[schedule]") {
    CHECK(
        following("30 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", 3) ==
        texts{"2026-03-29T00:30", "2026-03-29T01:30", "2026-03-29T02:30"});
    CHECK(
        following("30 * * * *", "Europe/Berlin", "2026-10-24T23:45:00Z", 4) ==
        texts{"2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30", "2026-10-25T03:30"});
}

TEST_CASE("where half an hour is skipped nothing is made up for every hour", "[schedule]") {
    // On 2026-10-04 Lord Howe goes from 02:00 to 02:30, at 15:30 UTC of the day before.
    CHECK(
        following("0 * * * *", "Australia/Lord_Howe", "2026-10-03T14:00:00Z", 3) ==
        texts{"2026-10-03T14:30", "2026-10-03T16:00", "2026-10-03T17:00"});
    CHECK(
        following("0 0-12 * * *", "Australia/Lord_Howe", "2026-10-03T14:00:00Z", 3) ==
        texts{"2026-10-03T14:30", "2026-10-03T15:30", "2026-10-03T16:00"});
}

TEST_CASE("a skipped day runs as the next one begins", "[schedule]") {
    // Samoa had no 30 December 2011; the 31st, a Saturday, began at 10:00 UTC of the 30th.
    CHECK(
        following("30 0 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", 4) ==
        texts{"2011-12-29T10:30", "2011-12-30T10:00", "2011-12-30T10:30", "2011-12-31T10:30"});
    CHECK(
        following("0 12 * * FRI", "Pacific/Apia", "2011-12-24T00:00:00Z", 2) ==
        texts{"2011-12-30T10:00", "2012-01-05T22:00"});
    CHECK(
        following("0 * 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", 1) ==
        texts{"2012-12-29T10:00"});
}

TEST_CASE("an offset of odd seconds does not move the local minute", "[schedule]") {
    // Until 1972 Monrovia was 44 minutes and 30 seconds behind UTC.
    const auto due = next_run(
        parse_cron("0 12 * * *").value(), clocks::of("Africa/Monrovia").value(),
        at("1971-06-01T00:00:00Z"));
    CHECK(rfc3339(due.value()) == "1971-06-01T12:44:30.000Z");
}

TEST_CASE("the newest run of a stretch is found from its end", "[schedule]") {
    const clocks utc;
    const auto daily = parse_cron("30 2 * * *").value();
    const auto begin = at("2020-01-01T00:00:00Z");

    CHECK(last_run(daily, utc, begin, at("2026-11-22T02:30:00Z")) == at("2026-11-22T02:30:00Z"));
    CHECK(last_run(daily, utc, begin, at("2026-11-22T02:29:59Z")) == at("2026-11-21T02:30:00Z"));
    CHECK(last_run(cron{}, utc, wall_time::min(), begin) == begin);
    CHECK(
        last_run(parse_cron("@yearly").value(), utc, begin, at("2026-11-22T00:00:00Z")) ==
        at("2026-01-01T00:00:00Z"));
    CHECK_FALSE(last_run(daily, utc, at("2026-11-22T02:30:00Z"), at("2026-11-23T02:29:00Z")));
    CHECK_FALSE(last_run(daily, utc, begin, begin));
    CHECK_FALSE(last_run(daily, utc, begin, begin - 24h));
}

TEST_CASE("the smallest distance between two runs", "[schedule]") {
    const std::pair<const char*, minutes> distances[] = {
        {"* * * * *", 1min},
        {"0,59 * * * *", 1min},
        {"*/20 * * * *", 20min},
        {"*/25 * * * *", 10min},
        {"0 2 * * *", 24h},
        {"0 2,22 * * *", 4h},
        {"0 2 * * SUN", 7 * 24h},
        {"0 2,22 * * SUN", 20h},
        {"0 2 1 * *", 28 * 24h},
        {"0 2 28,1 * *", 24h},
        {"0 2 31 * *", 31 * 24h},
        {"0 2 13 * FRI", 24h},
        {"0 0 29 2 *", (4 * 365 + 1) * 24h},
        {"@yearly", 365 * 24h}};
    for (const auto& [text, expected] : distances) {
        CAPTURE(text);
        CHECK(smallest_distance(parse_cron(text).value()) == expected);
    }
}
