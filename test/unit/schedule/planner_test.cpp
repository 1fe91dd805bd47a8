#include "schedule/occurrences.hpp"
#include "schedule/planner.hpp"
#include "support/catch.hpp"

#include <set>

using namespace restpoint;
using namespace restpoint::schedule;
using namespace std::chrono;

namespace {

constexpr std::uint64_t seed = 42;
constexpr nanoseconds moment{1};

wall_time at(const char* text) {
    return parse_rfc3339(text).value();
}

definition a_schedule(const char* cron, seconds jitter = 0s, bool catch_up = true) {
    const definition_text text{
        .name = "test",
        .type = "full",
        .cron = cron,
        .time_zone = "Europe/Berlin",
        .jitter = jitter,
        .catch_up = catch_up};
    return make_definition(text).value();
}

/// 02:30 in Berlin's winter.
const wall_time due = at("2026-11-22T01:30:00Z");
const auto nightly = "30 2 * * *";

decision later_at(wall_time when) {
    return {.look_again = when};
}

} // namespace

TEST_CASE("before the due time there is nothing to do", "[schedule]") {
    const auto what = a_schedule(nightly);

    CHECK(decide(what, due - 24h, due - moment, seed) == later_at(due));
    CHECK(decide(what, due - 24h, due - 24h, seed) == later_at(due));
}

TEST_CASE("at the due time it runs, and once it is covered no more", "[schedule]") {
    const auto what = a_schedule(nightly);

    const auto now = decide(what, due - 24h, due, seed);

    CHECK(now.run == due);
    CHECK_FALSE(now.late);
    CHECK_FALSE(now.missed);
    CHECK(now.look_again == due + on_time + moment);
    CHECK(decide(what, due, due, seed) == later_at(due + 24h));
    CHECK(decide(what, due, due + 10h, seed) == later_at(due + 24h));
}

TEST_CASE("a run is late when it begins over a minute after its time", "[schedule]") {
    const auto what = a_schedule(nightly);

    CHECK_FALSE(decide(what, due - 24h, due + on_time, seed).late);

    const auto late = decide(what, due - 24h, due + on_time + moment, seed);
    CHECK(late.run == due);
    CHECK(late.late);
    CHECK(late.look_again == due + 24h);
}

TEST_CASE("of several due times the newest runs and the others are missed", "[schedule]") {
    const auto what = a_schedule(nightly);

    const auto late = decide(what, due - 5 * 24h, due + 3h, seed);

    CHECK(late.run == due);
    CHECK(late.late);
    CHECK(late.missed == missed_runs{due - 4 * 24h, due - 24h, 4});
}

TEST_CASE("a machine that wakes at a due time runs that one on time", "[schedule]") {
    const auto what = a_schedule(nightly);

    const auto now = decide(what, due - 3 * 24h, due + 1s, seed);

    CHECK(now.run == due);
    CHECK_FALSE(now.late);
    CHECK(now.missed == missed_runs{due - 2 * 24h, due - 24h, 2});
}

TEST_CASE("without catching up a late run is missed with the others", "[schedule]") {
    const auto what = a_schedule(nightly, 0s, false);

    const auto late = decide(what, due - 3 * 24h, due + 3h, seed);
    CHECK_FALSE(late.run);
    CHECK_FALSE(late.late);
    CHECK(late.missed == missed_runs{due - 2 * 24h, due, 3});
    CHECK(late.look_again == due + 24h);

    const auto now = decide(what, due - 24h, due + on_time, seed);
    CHECK(now.run == due);
    CHECK_FALSE(now.missed);
    CHECK(now.look_again == due + on_time + moment); // then the answer is "missed"
}

TEST_CASE("the count of missed runs ends somewhere", "[schedule]") {
    const auto what = a_schedule("* * * * *");
    const auto year = 365 * 24h;

    const auto late = decide(what, due - year, due, seed);

    CHECK(late.run == due);
    CHECK(late.missed == missed_runs{due - year + 1min, due - 1min, missed_runs::most});
    const auto few = decide(what, due - 1001min, due, seed);
    CHECK(few.missed->count == 1000);
    CHECK(decide(what, due - 1000min, due, seed).missed->count == 999);
}

TEST_CASE("a clock set back a little repeats nothing", "[schedule]") {
    const auto what = a_schedule(nightly);

    CHECK(decide(what, due, due - 1min, seed) == later_at(due + 24h));
    CHECK(decide(what, due, due - longest_lead, seed) == later_at(due + 24h));
}

TEST_CASE("what is due by now, whether its jitter is over or not", "[schedule]") {
    const auto what = a_schedule(nightly, 30min);

    CHECK_FALSE(due_by(what, due - 24h, due - moment));
    CHECK(due_by(what, due - 24h, due) == missed_runs{due, due, 1});
    CHECK(due_by(what, due - 72h, due) == missed_runs{due - 48h, due, 3});
    CHECK_FALSE(due_by(what, due, due + 1h));
}

TEST_CASE("a schedule that a clock ahead covered for years goes on", "[schedule]") {
    const auto what = a_schedule(nightly);

    const auto now = decide(what, due + 10 * 365 * 24h, due, seed);

    CHECK(now.clock_set_back);
    CHECK_FALSE(now.run); // what was due before nobody knows
    CHECK(now.look_again == due + 24h);
    CHECK(decide(what, due + longest_lead + moment, due, seed).clock_set_back);
    CHECK_FALSE(decide(what, due + longest_lead, due, seed).clock_set_back);
}

TEST_CASE("jitter moves the start and not the due time", "[schedule]") {
    const auto what = a_schedule(nightly, 30min);
    const auto start = start_of(what, due, seed);
    REQUIRE(start > due);
    REQUIRE(start < due + 30min);

    CHECK(decide(what, due - 24h, due - 1h, seed) == later_at(start));
    CHECK(decide(what, due - 24h, due, seed) == later_at(start));
    CHECK(decide(what, due - 24h, start - moment, seed) == later_at(start));
    CHECK(decide(what, due - 24h, start, seed).run == due);
    CHECK_FALSE(decide(what, due - 24h, start + on_time, seed).late);
    CHECK(decide(what, due - 24h, start + on_time + moment, seed).late);
}

TEST_CASE("a run that waits for its jitter does not let an older one begin", "[schedule]") {
    const auto what = a_schedule(nightly, 30min);
    const auto start = start_of(what, due, seed);

    CHECK(decide(what, due - 3 * 24h, due, seed) == later_at(start));
    const auto now = decide(what, due - 3 * 24h, start, seed);
    CHECK(now.run == due);
    CHECK(now.missed == missed_runs{due - 2 * 24h, due - 24h, 2});
}

TEST_CASE("jitter is the same each time, and differs by name, due time and seed", "[schedule]") {
    const auto what = a_schedule(nightly, 3600s);
    auto other = what;
    other.name = "other";

    CHECK(start_of(what, due, seed) == start_of(what, due, seed));
    CHECK(start_of(what, due, seed) != start_of(other, due, seed));
    CHECK(start_of(what, due, seed) != start_of(what, due, seed + 1));

    std::set<nanoseconds> starts;
    for (int day = 0; day < 100; ++day) {
        const auto then = due + day * 24h;
        const auto away = start_of(what, then, seed) - then;
        REQUIRE(away >= 0s);
        REQUIRE(away < 3600s);
        starts.insert(away);
    }
    CHECK(starts.size() > 90);
    CHECK(*starts.begin() < 10min);
    CHECK(*starts.rbegin() > 50min);
}

TEST_CASE("jitter never reaches the next run, not even where an hour is skipped", "[schedule]") {
    // 02:30 does not exist on 2026-03-29 and runs a minute after 01:59.
    const auto what = a_schedule("30,59 1,2 * * *", 1700s);
    auto then = at("2026-03-28T00:00:00Z");
    for (int i = 0; i < 8; ++i) {
        then = next_run(what.when, what.zone, then).value();
        const auto next = next_run(what.when, what.zone, then).value();
        CAPTURE(rfc3339(then), rfc3339(next));
        for (std::uint64_t s = 0; s < 50; ++s) {
            REQUIRE(start_of(what, then, s) < next);
        }
    }
}

TEST_CASE("where the calendar ends there is nothing left to do", "[schedule]") {
    const auto what = a_schedule(nightly, 30min);

    const auto end = decide(what, wall_time::max(), wall_time::max(), seed);

    CHECK_FALSE(end.run);
    CHECK(end.look_again == wall_time::max());
}
