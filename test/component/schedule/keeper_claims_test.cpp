// Schedules whose runs are claimed first, since several machines share them.
#include "keeper_fixture.hpp"

using namespace restpoint;
using namespace restpoint::schedule;
using namespace restpoint::schedule::test;

namespace {

const wall_time noon = at("2026-11-22T12:00:00Z");
constexpr auto hourly = "30 * * * *";
const auto due = noon + 30min;

definition shared(const char* name, const char* type = "full") {
    auto what = a_schedule(name, hourly, type);
    what.claim = true;
    return what;
}

} // namespace

TEST_CASE("a run that is claimed begins", "[component][schedule]") {
    world around;
    keeping now(around, {shared("n")});

    now.set_clock(due);
    const auto run = now.run("n", due);
    now.settle();

    CHECK(run.outcome == run_outcome::started);
    CHECK(around.claimed == std::vector<std::string>{"n " + rfc3339(due)});
    CHECK(around.log.count("info", "\"schedule\":\"n\"", "is claimed") == 1);
}

TEST_CASE("a run without a claim asks nobody", "[component][schedule]") {
    world around;
    keeping now(around, {a_schedule("n", hourly)});

    now.set_clock(due);

    CHECK(now.run("n", due).outcome == run_outcome::started);
    CHECK(around.claimed.empty());
}

TEST_CASE("a run that another machine has claimed is left to it", "[component][schedule]") {
    world around;
    around.claim = {claim_outcome::theirs, "db-2", {}};
    keeping now(around, {shared("n")});

    now.set_clock(due);
    const auto run = now.run("n", due);
    now.settle();

    CHECK(run.outcome == run_outcome::left);
    CHECK(run.left_to == "db-2");
    CHECK(run.reason == "claimed by db-2");
    CHECK_FALSE(run.job);
    CHECK(around.claimed.size() == 1);
    CHECK(around.home.calls().empty());
    CHECK(around.log.errors() == 0);
    CHECK(around.log.count("info", "\"machine\":\"db-2\"", "left to another machine") == 1);
}

TEST_CASE("a server that has been replaced leaves its runs, and says so", "[component][schedule]") {
    world around;
    around.claim = {claim_outcome::barred, {}, "this server writes timeline 1"};
    keeping now(around, {shared("n")});

    now.set_clock(due);
    const auto run = now.run("n", due);

    CHECK(run.outcome == run_outcome::left);
    CHECK(run.left_to.empty());
    CHECK(run.reason == "this server writes timeline 1");
    CHECK(around.log.count("error", "\"schedule\":\"n\"", "timeline 1") == 1);
}

TEST_CASE("a run that cannot be claimed is tried again", "[component][schedule]") {
    world around;
    around.claim = {claim_outcome::open, {}, "no route to host"};
    keeping now(around, {shared("n")});

    now.set_clock(due);
    now.settle();
    CHECK(around.runs("n").empty());
    CHECK(around.claimed.size() > 1);
    CHECK(around.log.count("error", "\"schedule\":\"n\"", "no route to host") == 1);
    around.claim = {claim_outcome::ours, "here", {}};

    CHECK(now.run("n", due).outcome == run_outcome::started);
}

TEST_CASE(
    "a run that could not be claimed until the next was due is missed", "[component][schedule]") {
    world around;
    around.claim = {claim_outcome::open, {}, "no route to host"};
    keeping now(around, {shared("n")});

    now.set_clock(due);
    now.set_clock(due + 1h);
    const auto run = now.run("n", due);

    CHECK(run.outcome == run_outcome::missed);
    CHECK_THAT(run.reason, ContainsSubstring("no route to host"));
}

TEST_CASE("what goes with a run that was left is left too", "[component][schedule]") {
    world around;
    around.claim = {claim_outcome::theirs, "db-2", {}};
    auto check = a_check("check", hourly);
    check.claim = true;
    keeping now(around, {shared("incr", "incr"), shared("full"), check});

    now.set_clock(due);
    const auto weaker = now.run("incr", due);
    now.run("check", due);

    CHECK(now.run("full", due).reason == "claimed by db-2");
    CHECK(weaker.outcome == run_outcome::left);
    CHECK(weaker.left_to == "db-2");
    CHECK(weaker.reason == "it goes with the run of full");
    std::ranges::sort(around.claimed);
    CHECK(
        around.claimed ==
        std::vector<std::string>{"check " + rfc3339(due), "full " + rfc3339(due)});
}

TEST_CASE("a run that is superseded needs no claim of its own", "[component][schedule]") {
    world around;
    keeping now(around, {shared("incr", "incr"), shared("full")});

    now.set_clock(due);

    CHECK(now.run("full", due).outcome == run_outcome::started);
    CHECK(now.run("incr", due).outcome == run_outcome::superseded);
    CHECK(around.claimed == std::vector<std::string>{"full " + rfc3339(due)});
}

TEST_CASE("a claimed run that the store refuses is not claimed again", "[component][schedule]") {
    world around;
    keeping now(around, {shared("n")});
    around.home.sql("create trigger refusal before insert on jobs"
                    " begin select raise(abort, 'refused by the test'); end");

    now.set_clock(due);
    now.settle();
    CHECK(around.runs("n").empty());
    around.home.sql("drop trigger refusal");

    CHECK(now.run("n", due).outcome == run_outcome::started);
    CHECK(around.claimed.size() == 1);
}

TEST_CASE("a server that is demoted while it claims runs nothing", "[component][schedule]") {
    world around;
    around.on_claim = [&around] { around.role = server_role::standby; };
    keeping now(around, {shared("n")});

    now.set_clock(due);

    CHECK(now.run("n", due).outcome == run_outcome::standby);
    CHECK(around.home.calls().empty());
}

TEST_CASE("a schedule that is paused while it claims runs nothing", "[component][schedule]") {
    world around;
    keeping now(around, {shared("n")});
    around.while_claiming = [&now] { return now.keeper.pause("n", "somebody"); };

    now.set_clock(due);

    CHECK(now.run("n", due).outcome == run_outcome::paused);
    CHECK(around.home.calls().empty());
    around.while_claiming = nullptr;
}

// On a standby.

TEST_CASE("a standby waits until somebody has claimed the run", "[component][schedule]") {
    world around;
    around.role = server_role::standby;
    keeping now(around, {shared("n")});

    now.set_clock(due);
    CHECK(around.runs("n").empty());
    around.seen = std::optional<std::string>("db-1");
    const auto run = now.run("n", due);

    CHECK(run.outcome == run_outcome::standby);
    CHECK(run.left_to == "db-1");
    CHECK(around.claimed.empty());
    CHECK(around.log.errors() == 0);
}

TEST_CASE("a standby that is promoted runs what nobody has claimed", "[component][schedule]") {
    world around;
    around.role = server_role::standby;
    keeping now(around, {shared("n")});

    now.set_clock(due);
    around.role = server_role::primary;
    now.set_clock(due + 5min);
    const auto run = now.run("n", due);

    CHECK(run.outcome == run_outcome::started);
    CHECK(run.late);
    CHECK(around.runs("n").size() == 1);
}

TEST_CASE("a run that nobody claims until the next is due is missed", "[component][schedule]") {
    world around;
    around.role = server_role::standby;
    SECTION("since there is no primary") {
        around.seen = std::optional<std::string>();
    }
    SECTION("as far as can be seen") {
        around.seen = failure{errc::unavailable, "no primary?"};
    }
    keeping now(around, {shared("n")});

    now.set_clock(due);
    now.set_clock(due + 1h);
    const auto run = now.run("n", due);

    CHECK(run.outcome == run_outcome::missed);
    CHECK_THAT(run.reason, ContainsSubstring("no primary"));
    CHECK(around.log.count("error", "\"schedule\":\"n\"", "missed") == 1);
}

TEST_CASE("what a standby slept over was the primary's, claimed or not", "[component][schedule]") {
    world around;
    around.role = server_role::standby;
    around.seen = std::optional<std::string>("db-1");
    {
        keeping first(around, {shared("n")});
    }

    around.clock = due + 2h + 10min;
    keeping second(around, {shared("n")});
    second.run("n", due + 2h);

    const auto runs = around.runs("n");
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].outcome == run_outcome::standby);
    CHECK(runs[1].outcome == run_outcome::standby);
    CHECK(around.log.errors() == 0);
}
