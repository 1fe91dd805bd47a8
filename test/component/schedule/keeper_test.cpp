// Due times and what becomes of them: on time, after downtime, by a clock that steps. What happens
// when something is in the way is in keeper_trouble_test.cpp.
#include "keeper_fixture.hpp"

using namespace restpoint;
using namespace restpoint::schedule;
using namespace restpoint::schedule::test;

namespace {

const wall_time noon = at("2026-11-22T12:00:00Z");
constexpr auto hourly = "30 * * * *";
const auto due = noon + 30min;

} // namespace

TEST_CASE("a run begins at its due time, once", "[component][schedule]") {
    world around;
    keeping now(around, {a_schedule("n", hourly, "diff")});
    CHECK(around.runs("n").empty());
    CHECK(now.keeper.next_runs() == std::vector<upcoming>{{"n", due, due}});

    now.set_clock(due);
    const auto run = now.run("n", due);
    now.settle();

    CHECK(run.outcome == run_outcome::started);
    CHECK_FALSE(run.late);
    const auto job = now.service.ended(run.job.value());
    CHECK(job.requested_by == "schedule n");
    CHECK(job.spec == jobs::test::a(backrest::backup_type::diff));
    CHECK(job.state == jobs::job_state::succeeded);
    CHECK(around.runs("n").size() == 1);
    CHECK(around.home.calls().size() == 1);
    CHECK(around.log.errors() == 0);
    CHECK(now.keeper.next_runs() == std::vector<upcoming>{{"n", due + 1h, due + 1h}});
}

TEST_CASE("each action is a job of its kind", "[component][schedule]") {
    world around;
    std::vector<definition> all;
    for (const auto* action : {"check", "verify", "expire"}) {
        all.push_back(make_definition({.name = action, .action = action, .cron = hourly}).value());
    }
    keeping now(around, all);

    now.set_clock(due);

    for (const auto* action : {"check", "verify", "expire"}) {
        const auto job = now.service.ended(now.run(action, due).job.value());
        CHECK(to_string(job.spec.kind) == std::string(action));
    }
}

TEST_CASE("a schedule that is new catches up on nothing", "[component][schedule]") {
    world around;
    around.clock = due + 10min;
    keeping now(around, {a_schedule("n", hourly)});
    now.settle();

    CHECK(around.runs("n").empty());
    CHECK(around.covered("n") == due + 10min);
}

TEST_CASE("after downtime over several runs one is made up for", "[component][schedule]") {
    world around;
    {
        keeping first(around, {a_schedule("n", hourly)});
    }

    around.clock = due + 3h + 10min;
    {
        keeping second(around, {a_schedule("n", hourly)});
        const auto run = second.run("n", due + 3h);
        CHECK(run.outcome == run_outcome::started);
        CHECK(run.late);
        second.service.ended(run.job.value());
    }
    {
        keeping third(around, {a_schedule("n", hourly)});
    }

    const auto runs = around.runs("n");
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].due == due + 2h);
    CHECK(runs[0].outcome == run_outcome::missed);
    CHECK_THAT(runs[0].reason, ContainsSubstring("not running"));
    CHECK_THAT(runs[0].reason, ContainsSubstring("3 due times since " + rfc3339(due)));
    CHECK(around.home.calls().size() == 1);
    CHECK(around.log.errors() == 1);
    CHECK(around.log.count("error", "\"schedule\":\"n\"", "missed") == 1);
}

TEST_CASE("after downtime over one run there is nothing missed", "[component][schedule]") {
    world around;
    {
        keeping first(around, {a_schedule("n", hourly)});
    }

    around.clock = due + 10min;
    keeping second(around, {a_schedule("n", hourly)});
    CHECK(second.run("n", due).late);
    second.settle();

    CHECK(around.runs("n").size() == 1);
    CHECK(around.log.errors() == 0);
}

TEST_CASE("without catching up the runs of a downtime are missed", "[component][schedule]") {
    world around;
    auto what = a_schedule("n", hourly);
    what.catch_up = false;
    {
        keeping first(around, {what});
    }

    around.clock = due + 1h + 10min;
    keeping second(around, {what});
    const auto missed = second.run("n", due + 1h);

    CHECK(missed.outcome == run_outcome::missed);
    CHECK_FALSE(missed.job);
    CHECK(around.log.count("error", "\"schedule\":\"n\"", "\"missed\":2") == 1);
    second.set_clock(due + 2h);
    CHECK(second.run("n", due + 2h).outcome == run_outcome::started);
    CHECK(around.runs("n").size() == 2);
}

TEST_CASE("restarts at the due second run it once", "[component][schedule]") {
    world around;
    {
        keeping first(around, {a_schedule("n", hourly)});
    }
    around.clock = due;
    for (int i = 0; i < 3; ++i) {
        keeping again(around, {a_schedule("n", hourly)});
        const auto job = again.run("n", due).job.value();
        again.service.loop.until(
            "the job ends", [&] { return jobs::is_final(around.home.row(job).value().state); });
        again.settle();
    }

    CHECK(around.runs("n").size() == 1);
    CHECK(around.home.calls().size() == 1);
}

TEST_CASE("a clock that is set back repeats nothing", "[component][schedule]") {
    world around;
    keeping now(around, {a_schedule("n", hourly)});
    now.set_clock(due + 5min);
    now.service.ended(now.run("n", due).job.value());

    now.set_clock(due - 25min);
    now.set_clock(due);
    now.set_clock(due + 5min);
    CHECK(around.runs("n").size() == 1);

    now.set_clock(due + 1h);
    CHECK(now.run("n", due + 1h).outcome == run_outcome::started);
    CHECK(around.log.errors() == 0);
}

TEST_CASE(
    "a machine that slept over several runs makes up for the newest", "[component][schedule]") {
    world around;
    keeping now(around, {a_check("n", hourly)});

    now.set_clock(due + 4h + 10min);
    CHECK(now.run("n", due + 4h).late);
    now.settle();

    CHECK(around.runs("n").size() == 2);
    CHECK(now.run("n", due + 3h).outcome == run_outcome::missed);
    CHECK(now.service.loop.get("jobs", now.service.jobs.list({})).value().size() == 1);
}

TEST_CASE("a schedule that a wrong clock covered for years goes on", "[component][schedule]") {
    world around;
    around.clock = noon + 10 * 365 * 24h;
    {
        keeping wrong(around, {a_schedule("n", hourly)});
    }

    around.clock = noon;
    keeping now(around, {a_schedule("n", hourly)});
    CHECK(around.log.count("warn", "\"schedule\":\"n\"", "clock was wrong") == 1);
    CHECK(around.covered("n") == noon);
    now.set_clock(due);

    CHECK(now.run("n", due).outcome == run_outcome::started);
}

TEST_CASE("what a clock ahead took for missed runs when its time comes", "[component][schedule]") {
    world around;
    keeping now(around, {a_check("n", hourly)});
    const auto lead = GENERATE(4h, 96h); // within a day, and beyond
    now.set_clock(due + lead + 5min);
    now.service.ended(now.run("n", due + lead).job.value());
    REQUIRE(now.run("n", due + lead - 1h).outcome == run_outcome::missed);

    now.set_clock(noon + 5min);
    CHECK(around.log.count("warn", "\"schedule\":\"n\"", "clock was wrong") == 1);
    for (const auto when : {due, due + lead - 1h}) {
        now.set_clock(when);
        now.settle();
        CHECK(now.run("n", when).outcome == run_outcome::started);
        now.service.ended(now.run("n", when).job.value());
    }

    const auto before = around.home.calls().size();
    now.set_clock(due + lead); // which has run
    now.settle();
    CHECK(around.home.calls().size() == before);
    CHECK(around.log.count("warn", "not repeated", rfc3339(due + lead)) == 1);
    now.set_clock(due + lead + 1h);
    CHECK(now.run("n", due + lead + 1h).outcome == run_outcome::started);
}

TEST_CASE(
    "a run that its jitter held back is told when its schedule goes", "[component][schedule]") {
    world around;
    auto what = a_check("n", hourly);
    what.jitter = 20min;
    keeping now(around, {what});
    REQUIRE(now.keeper.next_runs().at(0).start > due + 1s);
    now.set_clock(due + 1s);

    now.keeper.replace({a_check("n", "15 * * * *")});
    now.settle();

    const auto run = now.run("n", due);
    CHECK(run.outcome == run_outcome::missed);
    CHECK_THAT(run.reason, ContainsSubstring("changed"));
}

TEST_CASE(
    "a clock that was far behind and is right again repeats nothing", "[component][schedule]") {
    world around;
    keeping now(around, {a_check("n", hourly)});
    for (const auto when : {due, due + 1h}) {
        now.set_clock(when);
        now.service.ended(now.run("n", when).job.value());
    }

    now.set_clock(noon - 48h);
    CHECK(around.covered("n") == noon - 48h);
    now.set_clock(due + 1h + 5min);

    CHECK(around.runs("n").size() == 2);
    CHECK(around.covered("n") == due + 1h);
    CHECK(around.home.calls().size() == 2);
    CHECK(around.log.errors() == 0);
    now.set_clock(due + 2h);
    CHECK(now.run("n", due + 2h).outcome == run_outcome::started);
}

TEST_CASE(
    "a clock that was far behind makes no run that ran a missed one", "[component][schedule]") {
    world around;
    auto what = a_check("n", hourly);
    what.catch_up = GENERATE(true, false);
    keeping now(around, {what});
    now.set_clock(due);
    now.service.ended(now.run("n", due).job.value());

    now.set_clock(noon - 48h);
    now.set_clock(due + 5min);

    CHECK(now.run("n", due).outcome == run_outcome::started);
    CHECK(around.covered("n") == due);
    CHECK(around.home.calls().size() == 1);
}

TEST_CASE("a changed expression catches up on no time that it never had", "[component][schedule]") {
    world around;
    {
        keeping first(around, {a_schedule("n", hourly)});
    }
    around.clock = noon + 3h;
    {
        keeping second(around, {a_schedule("n", "45 * * * *")});
    }
    auto elsewhere = a_schedule("n", "45 * * * *");
    elsewhere.zone = clocks::of("Asia/Kolkata").value();
    around.clock = noon + 6h;
    {
        keeping third(around, {elsewhere});
    }

    CHECK(around.runs("n").empty());
    CHECK(around.log.errors() == 0);
}

TEST_CASE("a changed type or jitter keeps what is due", "[component][schedule]") {
    world around;
    {
        keeping first(around, {a_schedule("n", hourly, "full")});
    }
    around.clock = due + 10min;
    keeping second(around, {a_schedule("n", "30 0-23 * * *", "incr")});

    const auto job = second.service.ended(second.run("n", due).job.value());
    CHECK(job.spec.type == backrest::backup_type::incr);
}

TEST_CASE("a schedule that was gone for a while catches up on nothing", "[component][schedule]") {
    world around;
    {
        keeping first(around, {a_schedule("n", hourly), a_check("other", hourly)});
    }
    {
        keeping without(around, {a_check("other", "0 0 1 1 *")});
    }
    CHECK_FALSE(around.covered("n"));
    around.clock = due + 10min;
    keeping again(around, {a_schedule("n", hourly)});

    CHECK(around.runs("n").empty());
    CHECK(around.covered("n") == due + 10min);
    CHECK_FALSE(around.covered("other"));
}

TEST_CASE("of backups due at the same moment the strongest is made", "[component][schedule]") {
    world around;
    keeping now(
        around, {a_schedule("diff", hourly, "diff"), a_schedule("full", "30 12 * * SUN", "full"),
                 a_schedule("incr", hourly, "incr"), a_check("check", hourly)});

    now.set_clock(due);
    const auto full = now.run("full", due);

    CHECK(full.outcome == run_outcome::started);
    for (const auto* name : {"diff", "incr"}) {
        const auto run = now.run(name, due);
        CHECK(run.outcome == run_outcome::superseded);
        CHECK(run.job == full.job);
        CHECK_THAT(run.reason, ContainsSubstring("full backup"));
    }
    CHECK(now.run("check", due).outcome == run_outcome::started);
    now.service.ended(full.job.value());
    CHECK(around.log.errors() == 0);
    now.set_clock(due + 1h);
    CHECK(now.run("diff", due + 1h).outcome == run_outcome::started);
    CHECK(now.run("incr", due + 1h).outcome == run_outcome::superseded);
}

TEST_CASE("a run that waits in the queue gives way to a stronger one", "[component][schedule]") {
    world around;
    keeping now(
        around, {a_schedule("diff", "30 * * * *", "diff"), a_schedule("full", "40 * * * *")},
        {.mode = "wait-for-file"});
    now.service.submit_and_begin(jobs::test::a(backrest::backup_type::incr));
    now.set_clock(due);
    const auto diff = now.run("diff", due);
    REQUIRE(diff.outcome == run_outcome::started);

    now.set_clock(due + 10min);
    const auto full = now.run("full", due + 10min);

    CHECK(full.outcome == run_outcome::started);
    CHECK(now.run("diff", due).outcome == run_outcome::superseded);
    CHECK(now.run("diff", due).job == full.job);
    CHECK(now.service.found(diff.job.value()).state == jobs::job_state::cancelled);
}

TEST_CASE("jitter holds a run back and says so beforehand", "[component][schedule]") {
    world around;
    auto what = a_check("n", hourly);
    what.jitter = 20min;
    keeping now(around, {what});
    const auto next = now.keeper.next_runs().at(0);
    REQUIRE(next.due == due);
    REQUIRE(next.start > due);
    REQUIRE(next.start < due + 20min);

    now.set_clock(next.start - 1ms);
    CHECK(around.runs("n").empty());
    now.set_clock(next.start);

    CHECK_FALSE(now.run("n", due).late);
}
