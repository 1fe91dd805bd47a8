// Jobs that a schedule asks for.
#include "scheduled.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using backrest::backup_type;

TEST_CASE("a scheduled job runs, and its run names it", "[component][jobs]") {
    const machine home;
    life now(home);

    const auto answer = due(now, "nightly", noon, a(backup_type::full));

    CHECK(answer.outcome == run_outcome::started);
    CHECK(answer.what.requested_by == "schedule nightly");
    CHECK(now.ended(answer.what.id).state == job_state::succeeded);
    const auto runs = runs_of(now, "nightly");
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].due == noon);
    CHECK(runs[0].outcome == run_outcome::started);
    CHECK(runs[0].job == answer.what.id);
}

TEST_CASE("a due time that was carried out is refused and starts nothing", "[component][jobs]") {
    const machine home;
    {
        life first(home);
        const auto answer = due(first, "nightly", noon, a(backup_type::full));
        first.ended(answer.what.id);
    }
    life second(home);

    const auto again = try_due(second, "nightly", noon, a(backup_type::full));

    REQUIRE_FALSE(again.has_value());
    CHECK(again.error().why.code == errc::conflict);
    CHECK(second.jobs.unfinished().empty());
    CHECK(home.calls().size() == 1);
}

TEST_CASE("a scheduled job waits for the job in its way", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    const auto running = now.submit_and_begin(a(backup_type::full));

    const auto answer = due(now, "nightly", noon, a(backup_type::diff));

    CHECK(answer.outcome == run_outcome::started);
    CHECK(answer.what.state == job_state::queued);
    home.open_gate("backup");
    CHECK(now.ended(running.id).state == job_state::succeeded);
    CHECK(now.ended(answer.what.id).state == job_state::succeeded);
}

TEST_CASE("what cannot be a job leaves its due time uncovered", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file", .max_unfinished = 1});
    now.submit_and_begin(a(job_kind::check));

    const auto full_house = try_due(now, "nightly", noon, a(backup_type::full));
    auto wrong = a(backup_type::full);
    wrong.stanza = "--help";
    const auto invalid = try_due(now, "nightly", noon, wrong);
    now.jobs.stop_accepting();
    const auto late = try_due(now, "nightly", noon, a(backup_type::full));

    REQUIRE_FALSE(full_house.has_value());
    CHECK(full_house.error().why.code == errc::unavailable);
    REQUIRE_FALSE(invalid.has_value());
    CHECK(invalid.error().why.code == errc::invalid);
    REQUIRE_FALSE(late.has_value());
    CHECK(late.error().why.code == errc::unavailable);
    CHECK(runs_of(now, "nightly").empty());
}
