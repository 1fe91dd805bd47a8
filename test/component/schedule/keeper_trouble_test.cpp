// What is in the way of a run: a standby, a PostgreSQL that does not answer, a store that refuses,
// a configuration that changes.
#include "keeper_fixture.hpp"

using namespace restpoint;
using namespace restpoint::schedule;
using namespace restpoint::schedule::test;

namespace {

const wall_time noon = at("2026-11-22T12:00:00Z");
constexpr auto hourly = "30 * * * *";
const auto due = noon + 30min;

/// Makes the store refuse something until the end of the scope.
class refusal {
  public:
    refusal(const machine& home, const char* what) : home_(home) {
        home_.sql(
            std::string("create trigger refusal before ") + what +
            " begin select raise(abort, 'refused by the test'); end");
    }
    refusal(const refusal&) = delete;
    refusal& operator=(const refusal&) = delete;
    ~refusal() { home_.sql("drop trigger refusal"); }

  private:
    const machine& home_;
};

} // namespace

// Roles.

TEST_CASE("a standby runs nothing, and what is due once it is promoted", "[component][schedule]") {
    world around;
    around.role = server_role::standby;
    auto anywhere = a_check("anywhere", hourly);
    anywhere.where = run_on::any;
    keeping now(around, {a_schedule("n", hourly), anywhere});

    now.set_clock(due);
    const auto run = now.run("n", due);
    CHECK(run.outcome == run_outcome::standby);
    CHECK_FALSE(run.job);
    CHECK_THAT(run.reason, ContainsSubstring("standby"));
    CHECK(now.run("anywhere", due).outcome == run_outcome::started);
    around.role = server_role::primary;
    now.settle();
    CHECK(around.runs("n").size() == 1);

    now.set_clock(due + 1h);
    CHECK(now.run("n", due + 1h).outcome == run_outcome::started);
    CHECK(around.log.errors() == 0);
    CHECK(around.log.count("info", "\"schedule\":\"n\"", "primary's") == 1);
}

TEST_CASE("what a standby slept over was the primary's", "[component][schedule]") {
    world around;
    around.role = server_role::standby;
    {
        keeping first(around, {a_schedule("n", hourly)});
    }
    around.clock = due + 5h;
    keeping second(around, {a_schedule("n", hourly)});

    CHECK(second.run("n", due + 5h).outcome == run_outcome::standby);
    second.settle();
    CHECK(around.runs("n").size() == 1);
    CHECK(around.log.errors() == 0);
}

TEST_CASE("PostgreSQL is asked when a run is due and not before", "[component][schedule]") {
    world around;
    keeping now(around, {a_check("n", hourly), a_check("m", hourly)});
    CHECK(around.asked == 0);

    now.set_clock(due);
    now.run("n", due);
    now.run("m", due);
    now.settle();
    CHECK(around.asked == 1);
}

TEST_CASE("a run waits until PostgreSQL says what it is", "[component][schedule]") {
    world around;
    around.role = server_role::unknown;
    keeping now(around, {a_schedule("n", hourly)});

    now.set_clock(due);
    now.set_clock(due + 10min);
    CHECK(around.runs("n").empty());
    CHECK(around.asked > 1);
    CHECK(around.log.errors() == 1); // told once, however often it was asked
    CHECK(around.log.count("error", "PostgreSQL", rfc3339(due)) == 1);
    CHECK(now.keeper.next_runs() == std::vector<upcoming>{{"n", due, due}});

    around.role = server_role::primary;
    const auto run = now.run("n", due);
    CHECK(run.outcome == run_outcome::started);
    CHECK(run.late);
    CHECK(around.log.errors() == 1);
}

TEST_CASE("a run that waits is missed when the next is due", "[component][schedule]") {
    world around;
    around.role = server_role::unknown;
    keeping now(around, {a_schedule("n", hourly)});
    now.set_clock(due);

    now.set_clock(due + 1h);
    const auto missed = now.run("n", due);
    CHECK(missed.outcome == run_outcome::missed);
    CHECK_THAT(missed.reason, ContainsSubstring("PostgreSQL"));
    CHECK(around.log.count("error", "missed", rfc3339(due)) == 1);

    around.role = server_role::primary;
    CHECK(now.run("n", due + 1h).outcome == run_outcome::started);
    CHECK(around.runs("n").size() == 2);
}

TEST_CASE("without catching up a run waits for a minute", "[component][schedule]") {
    world around;
    around.role = server_role::unknown;
    auto what = a_schedule("n", hourly);
    what.catch_up = false;
    keeping now(around, {what});
    now.set_clock(due);

    now.set_clock(due + 1min);
    CHECK(around.runs("n").empty());
    now.set_clock(due + 61s);
    CHECK(now.run("n", due).outcome == run_outcome::missed);
}

// The store and the service.

TEST_CASE("a run that the store refuses begins when it no longer does", "[component][schedule]") {
    world around;
    keeping now(around, {a_schedule("n", hourly)});
    {
        const refusal jobs_refused(around.home, "insert on jobs");
        now.set_clock(due);
        now.settle();
        CHECK(around.runs("n").empty());
        CHECK(around.log.count("error", "\"schedule\":\"n\"", "tried again") == 1);
        CHECK(around.log.errors() == 1);
    }

    const auto run = now.run("n", due);
    CHECK(run.outcome == run_outcome::started);
    now.service.ended(run.job.value());
    now.settle();
    CHECK(around.runs("n").size() == 1);
    CHECK(around.home.calls().size() == 1);
}

TEST_CASE("a missed run that the store refuses is recorded later, once", "[component][schedule]") {
    world around;
    {
        keeping first(around, {a_schedule("n", hourly)});
    }
    around.clock = due + 1h + 10min;
    {
        const refusal runs_refused(around.home, "insert on schedule_runs");
        keeping second(around, {a_schedule("n", hourly)});
        CHECK(around.runs("n").empty());
        CHECK(around.log.count("error", "missed") == 0);
    }
    keeping third(around, {a_schedule("n", hourly)});
    third.run("n", due + 1h);

    CHECK(third.run("n", due).outcome == run_outcome::missed);
    CHECK(around.log.count("error", "a scheduled run was missed") == 1);
}

TEST_CASE("a store that cannot remember at first loses nothing", "[component][schedule]") {
    world around;
    {
        keeping none(around, {});
    } // makes the tables
    auto refused = std::make_unique<refusal>(around.home, "insert on schedule_memory");
    keeping now(around, {a_schedule("n", hourly)});
    CHECK_FALSE(around.covered("n"));
    CHECK(around.log.count("error", "\"schedule\":\"n\"", "cannot be stored") == 1);

    now.set_clock(due);
    now.service.ended(now.run("n", due).job.value());
    refused.reset();
    now.settle();

    CHECK(around.covered("n") == due);
    CHECK(around.runs("n").size() == 1);
}

TEST_CASE("a house that is full gets its run when there is room", "[component][schedule]") {
    world around;
    keeping now(around, {a_check("n", hourly)}, {.mode = "wait-for-file", .max_unfinished = 1});
    const auto other = now.service.submit_and_begin(jobs::test::a(jobs::job_kind::expire));
    now.set_clock(due);
    CHECK(around.runs("n").empty());
    CHECK(around.log.count("error", "\"schedule\":\"n\"", "1 jobs") == 1);

    around.home.open_gate("expire");
    now.service.ended(other.id);
    CHECK(now.run("n", due).outcome == run_outcome::started);
}

TEST_CASE("what can never be a job is recorded as failed", "[component][schedule]") {
    world around;
    keeping now(around, {a_check("n", hourly)}, {}, "--help");

    now.set_clock(due);
    const auto run = now.run("n", due);

    CHECK(run.outcome == run_outcome::failed);
    CHECK_THAT(run.reason, ContainsSubstring("--help"));
    CHECK(around.log.count("error", "\"schedule\":\"n\"", rfc3339(due)) == 1);
}

// Replacements.

TEST_CASE("what is due while the schedules are replaced is not lost", "[component][schedule]") {
    world around;
    keeping now(around, {a_check("old", hourly), a_check("same", hourly)});

    around.clock = due;
    now.keeper.replace({a_check("same", hourly), a_check("new", hourly)});
    now.run("old", due);
    now.run("same", due);
    now.settle();

    CHECK(around.runs("old").at(0).outcome == run_outcome::started);
    CHECK(around.runs("same").size() == 1);
    CHECK(around.runs("new").empty());
    CHECK_FALSE(around.covered("old"));
    now.set_clock(due + 1h);
    CHECK(now.run("new", due + 1h).outcome == run_outcome::superseded);
    CHECK(around.runs("old").size() == 1);
    CHECK(around.log.errors() == 0);
}

TEST_CASE("a replacement takes effect at once", "[component][schedule]") {
    world around;
    keeping now(around, {a_check("n", hourly)});

    now.keeper.replace({a_check("n", "15 * * * *")});
    now.settle();
    CHECK(now.keeper.next_runs() == std::vector<upcoming>{{"n", noon + 15min, noon + 15min}});
    now.set_clock(noon + 15min);
    now.run("n", noon + 15min);
    now.set_clock(due);

    CHECK(around.runs("n").size() == 1);
    CHECK(around.log.errors() == 0);
}

TEST_CASE("a replaced expression catches up on no time it never had", "[component][schedule]") {
    world around;
    keeping now(around, {a_check("n", hourly)});
    now.set_clock(due);
    now.run("n", due);

    now.set_clock(due + 10min);
    now.keeper.replace({a_check("n", "35 * * * *")});
    now.settle();

    CHECK(around.runs("n").size() == 1);
    CHECK(around.covered("n") == due + 10min);
}

TEST_CASE("of two replacements in a row the later holds", "[component][schedule]") {
    world around;
    keeping now(around, {});

    now.keeper.replace({a_check("first", hourly)});
    now.keeper.replace({a_check("second", hourly)});
    now.set_clock(due);

    now.run("second", due);
    CHECK(around.runs("first").empty());
}

TEST_CASE("a run that waits goes on waiting under the same schedule", "[component][schedule]") {
    world around;
    around.role = server_role::unknown;
    keeping now(around, {a_schedule("n", hourly, "full")});
    now.set_clock(due);

    now.keeper.replace({a_schedule("n", hourly, "diff")});
    now.settle();
    CHECK(around.runs("n").empty());
    around.role = server_role::primary;

    const auto job = now.service.ended(now.run("n", due).job.value());
    CHECK(job.spec.type == backrest::backup_type::diff);
}

TEST_CASE("a run that waits is missed when its schedule is taken away", "[component][schedule]") {
    world around;
    around.role = server_role::unknown;
    keeping now(around, {a_schedule("n", hourly)});
    now.set_clock(due);

    now.keeper.replace({});
    const auto missed = now.run("n", due);
    now.settle(); // the row is there a moment before it is told

    CHECK(missed.outcome == run_outcome::missed);
    CHECK_THAT(missed.reason, ContainsSubstring("was changed"));
    CHECK(around.log.count("error", "missed", "\"schedule\":\"n\"") == 1);
    CHECK(now.keeper.next_runs().empty());
}
