// What holds for every expression and for every way a clock may go, on random ones.
#include "random_expression.hpp"
#include "schedule/occurrences.hpp"
#include "schedule/planner.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <set>

using namespace restpoint;
using namespace restpoint::schedule;
using namespace restpoint::schedule::test;
using namespace std::chrono;

namespace {

/// Numbers of one test case; a failure tells how to have them again.
struct chance {
    std::uint64_t seed = a_seed();
    std::mt19937_64 random{seed};

    std::int64_t below(std::int64_t limit) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(limit));
    }
    wall_time instant() {
        return sys_seconds{sys_days{1990y / 1 / 1}} + seconds{below(1'500'000'000)};
    }
};

definition a_schedule(const std::string& expression, bool catch_up, seconds jitter) {
    definition_text text{.name = "n", .type = "full", .cron = expression, .catch_up = catch_up};
    text.time_zone = "Europe/Berlin";
    auto made = make_definition(text).value();
    made.jitter = std::min<seconds>(jitter, smallest_distance(made.when) - seconds{1});
    return made;
}

} // namespace

TEST_CASE("the one spelling of any expression means the same", "[schedule]") {
    chance by;
    INFO("RESTPOINT_TEST_SEED=" << by.seed);
    for (const auto& text : random_expressions(by.random, 500)) {
        CAPTURE(text);
        const auto once = parse_cron(text).value();
        REQUIRE(parse_cron(to_text(once)).value() == once);
        REQUIRE(to_text(parse_cron(to_text(once)).value()) == to_text(once));
    }
}

TEST_CASE("whatever is written is an expression that comes, or refused with a hint", "[schedule]") {
    chance by;
    INFO("RESTPOINT_TEST_SEED=" << by.seed);
    const auto good = random_expressions(by.random, 2000);
    int refused = 0;
    for (const auto& whole : good) {
        const auto text = random_damage(by.random, whole);
        CAPTURE(text);
        const auto parsed = parse_cron(text);
        if (parsed) {
            const auto after = by.instant();
            const auto due = next_run(*parsed, clocks{}, after);
            REQUIRE(due.has_value());
            REQUIRE(*due > after);
            REQUIRE(*due - after <= days{8 * 366});
            REQUIRE(parse_cron(to_text(*parsed)).value() == *parsed);
        } else {
            ++refused;
            REQUIRE(parsed.error().code == errc::invalid);
            REQUIRE_THAT(parsed.error().detail, StartsWith("cron '"));
            REQUIRE_FALSE(parsed.error().hint.empty());
        }
    }
    CHECK(refused > 200);
    CHECK(refused < 1800);
}

TEST_CASE("the newest run is the last of those that follow each other", "[schedule]") {
    chance by;
    INFO("RESTPOINT_TEST_SEED=" << by.seed);
    const auto berlin = clocks::of("Europe/Berlin").value();
    for (const auto& text : random_expressions(by.random, 300)) {
        CAPTURE(text);
        const auto what = parse_cron(text).value();
        const auto after = by.instant();
        auto newest = after;
        for (auto steps = 1 + by.below(40); steps > 0; --steps) {
            const auto next = next_run(what, berlin, newest).value();
            REQUIRE(next > newest);
            newest = next;
        }
        REQUIRE(last_run(what, berlin, after, newest) == newest);
        const auto until = newest + seconds{by.below(3600)};
        const auto found = last_run(what, berlin, after, until).value();
        REQUIRE(found >= newest);
        REQUIRE(found <= until);
        REQUIRE(next_run(what, berlin, found).value() > until);
    }
}

TEST_CASE("no two runs are nearer to each other than the smallest distance", "[schedule]") {
    chance by;
    INFO("RESTPOINT_TEST_SEED=" << by.seed);
    for (const auto& text : random_expressions(by.random, 300)) {
        CAPTURE(text);
        const auto what = parse_cron(text).value();
        const auto smallest = smallest_distance(what);
        auto due = next_run(what, clocks{}, by.instant()).value();
        for (int i = 0; i < 50; ++i) {
            const auto next = next_run(what, clocks{}, due).value();
            REQUIRE(next - due >= smallest);
            due = next;
        }
    }
}

TEST_CASE("however the clock goes, each due time is answered for", "[schedule]") {
    chance by;
    INFO("RESTPOINT_TEST_SEED=" << by.seed);
    for (const auto& text : random_expressions(by.random, 200)) {
        const auto what = a_schedule(text, by.below(2) == 0, seconds{by.below(2) * by.below(4000)});
        CAPTURE(text, what.jitter.count(), what.catch_up);
        const auto scale = smallest_distance(what.when);
        const auto begin = by.instant();
        auto now = begin;
        auto covered = now;
        auto furthest = covered;
        std::set<wall_time> answered;
        for (int step = 0; step < 60; ++step) {
            const auto made = decide(what, covered, now, 7);
            CAPTURE(rfc3339(now), rfc3339(covered));
            REQUIRE(made.look_again > now);
            REQUIRE(made.clock_set_back == (covered > now + longest_lead));
            if (made.clock_set_back) {
                REQUIRE_FALSE(made.run);
                covered = now;
            }
            if (made.missed) {
                int count = 0;
                for (auto due = made.missed->first;
                     due <= made.missed->last && count < missed_runs::most;
                     due = next_run(what.when, what.zone, due).value()) {
                    answered.insert(due);
                    ++count;
                }
                REQUIRE(made.missed->count == count);
                REQUIRE(made.missed->first > covered);
                covered = made.missed->last;
            }
            if (made.run) {
                answered.insert(*made.run); // by its row if it has run before
                REQUIRE(*made.run > covered);
                REQUIRE(*made.run <= now);
                covered = *made.run;
            }
            furthest = std::max(furthest, covered);
            REQUIRE_FALSE(decide(what, covered, now, 7).run);
            // Mostly as planned, sometimes asleep for long, sometimes set back by up to an hour.
            const auto how = by.below(10);
            now = how < 7   ? made.look_again
                  : how < 9 ? now + scale * by.below(5)
                            : now - seconds{by.below(3600)};
        }
        for (auto due = next_run(what.when, what.zone, begin).value(); due <= furthest;
             due = next_run(what.when, what.zone, due).value()) {
            CAPTURE(rfc3339(due));
            REQUIRE(answered.contains(due));
        }
    }
}
