// Schedules that somebody has paused.
#include "keeper_fixture.hpp"
#include "schedule/planner.hpp"

using namespace restpoint;
using namespace restpoint::schedule;
using namespace restpoint::schedule::test;

namespace {

const wall_time noon = at("2026-11-22T12:00:00Z");
constexpr auto hourly = "30 * * * *";
const auto due = noon + 30min;

void pause(keeping& now, const char* name = "n") {
    REQUIRE(now.service.loop.get("a pause", now.keeper.pause(name, "http ::1")));
}

void resume(keeping& now, const char* name = "n") {
    REQUIRE(now.service.loop.get("the end of a pause", now.keeper.resume(name)));
    now.settle();
}

standing look(keeping& now, const char* name = "n", int next = 3, int last = 3) {
    auto seen = now.service.loop.get("a look", now.keeper.standing_of(name, next, last));
    REQUIRE(seen);
    return std::move(*seen);
}

} // namespace

TEST_CASE("what is due during a pause is left out, with a row", "[component][schedule]") {
    world around;
    keeping now(around, {a_schedule("n", hourly), a_check("other", hourly)});
    pause(now);

    now.set_clock(due);
    const auto run = now.run("n", due);
    now.service.ended(now.run("other", due).job.value());
    now.settle();

    CHECK(run.outcome == run_outcome::paused);
    CHECK_FALSE(run.job);
    CHECK_THAT(run.reason, ContainsSubstring("http ::1") && ContainsSubstring(rfc3339(noon)));
    CHECK(around.covered("n") == due);
    CHECK(around.home.calls().size() == 1); // the other's
    CHECK(around.log.errors() == 0);
    CHECK(around.log.count("info", "schedule paused") == 1);
}

TEST_CASE("after a pause nothing is made up for, and the next run runs", "[component][schedule]") {
    world around;
    keeping now(around, {a_schedule("n", hourly)});
    pause(now);
    now.set_clock(due + 2h + 10min);
    now.run("n", due + 2h);

    resume(now);
    CHECK(around.home.calls().empty());

    now.set_clock(due + 3h);
    now.service.ended(now.run("n", due + 3h).job.value());
    CHECK(around.home.calls().size() == 1);
    CHECK(around.runs("n").size() == 2);
    CHECK(around.log.errors() == 0);
}

TEST_CASE("a pause outlives a restart, and so does its end", "[component][schedule]") {
    world around;
    {
        keeping first(around, {a_schedule("n", hourly)});
        pause(first);
    }
    around.clock = due + 5h + 10min;
    {
        keeping second(around, {a_schedule("n", hourly)});
        CHECK(second.run("n", due + 5h).outcome == run_outcome::paused);
        CHECK(look(second).paused == jobs::schedule_pause{"n", noon, "http ::1"});
        resume(second);
    }
    {
        keeping third(around, {a_schedule("n", hourly)});
        third.settle();
        CHECK_FALSE(look(third).paused);
    }
    CHECK(around.home.calls().empty());
    CHECK(around.runs("n").size() == 1);
}

TEST_CASE(
    "what passed between the last look and the end of a pause is settled with it",
    "[component][schedule]") {
    world around;
    keeping now(around, {a_schedule("n", hourly)});
    pause(now);
    // The clock moves on and the pause ends before the keeper looks again.
    around.clock = due + 10min;
    const auto ending = now.service.loop.start(now.keeper.resume("n"));
    now.service.loop.until("the end of the pause", [&] { return ending->ended(); });
    now.settle();

    const auto runs = around.runs("n");
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].outcome == run_outcome::paused);
    CHECK(around.home.calls().empty());
}

TEST_CASE(
    "a run whose jitter is not over when the pause ends begins in time", "[component][schedule]") {
    world around;
    auto what = a_schedule("n", hourly);
    what.jitter = 30min;
    const auto start = start_of(what, due, 0);
    REQUIRE(start > due + 1min);
    keeping now(around, {what});
    pause(now);
    now.set_clock(due + 30s);
    resume(now);

    now.set_clock(start);

    CHECK(now.run("n", due).outcome == run_outcome::started);
}

TEST_CASE("pausing and resuming twice is the same as once", "[component][schedule]") {
    world around;
    keeping now(around, {a_schedule("n", hourly)});
    resume(now);
    pause(now);
    around.clock += 1min;
    pause(now);
    CHECK(look(now).paused->since == noon);
    resume(now);
    resume(now);

    CHECK_FALSE(look(now).paused);
    CHECK(around.log.count("info", "schedule paused") == 1);
    CHECK(around.log.count("info", "schedule resumed") == 1);
}

TEST_CASE("a pause holds for the name, whatever the expression becomes", "[component][schedule]") {
    world around;
    keeping now(around, {a_schedule("n", hourly), a_schedule("gone", hourly)});
    pause(now);
    pause(now, "gone");

    now.keeper.replace({a_schedule("n", "15 * * * *")});
    now.settle();
    now.set_clock(noon + 15min);

    CHECK(now.run("n", noon + 15min).outcome == run_outcome::paused);
    now.keeper.replace({a_schedule("n", "15 * * * *"), a_schedule("gone", hourly)});
    now.settle();
    CHECK_FALSE(look(now, "gone").paused); // it was taken away, and comes as a new one
}

TEST_CASE(
    "a schedule that is changed while it is paused has missed nothing", "[component][schedule]") {
    world around;
    around.role = server_role::unknown;
    keeping now(around, {a_schedule("n", hourly)});
    now.set_clock(due); // it waits for the role
    now.service.loop.until("the log says so", [&] { return around.log.errors() == 1; });
    pause(now);

    now.keeper.replace({a_schedule("n", "15 * * * *")});

    CHECK(now.run("n", due).outcome == run_outcome::paused);
}

TEST_CASE("a look tells what is to come, what was, and a pause", "[component][schedule]") {
    world around;
    keeping now(around, {a_schedule("n", hourly)});
    now.set_clock(due);
    now.service.ended(now.run("n", due).job.value());
    now.set_clock(due + 1h);
    now.service.ended(now.run("n", due + 1h).job.value());
    now.settle();

    const auto seen = look(now, "n", 3, 1);
    CHECK(
        seen.next ==
        std::vector<upcoming>{
            {"n", due + 2h, due + 2h}, {"n", due + 3h, due + 3h}, {"n", due + 4h, due + 4h}});
    REQUIRE(seen.last.size() == 1);
    CHECK(seen.last[0].due == due + 1h);
    CHECK_FALSE(seen.paused);

    pause(now);
    CHECK(look(now).next.empty());
    CHECK(look(now).last.size() == 2);
    CHECK(look(now, "never was").next.empty());
}

TEST_CASE("without knowing what is paused nothing runs", "[component][schedule]") {
    world around;
    {
        keeping first(around, {a_schedule("n", hourly)});
    }
    around.home.sql("alter table schedule_pauses rename to aside;");
    around.clock = due;
    keeping now(around, {a_schedule("n", hourly)});
    now.service.loop.until(
        "the log says so", [&] { return around.log.count("error", "paused cannot be read") == 1; });
    CHECK(around.runs("n").empty());
    CHECK_FALSE(now.service.loop.get("a look", now.keeper.standing_of("n", 1, 1)).has_value());
    CHECK_FALSE(now.service.loop.get("a pause", now.keeper.pause("n", "x")).has_value());
    CHECK_FALSE(now.service.loop.get("its end", now.keeper.resume("n")).has_value());

    around.home.sql("alter table aside rename to schedule_pauses;");
    now.service.ended(now.run("n", due).job.value());
}
