// Scheduled jobs that wait: one is enough.
#include "scheduled.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using backrest::backup_type;
using std::chrono::hours;

namespace {

/// A restpoint whose stanza is busy with a backup that somebody asked for.
struct busy {
    explicit busy(const machine& home) : now(home, {.mode = "wait-for-file"}) {
        running = now.submit_and_begin(a(backup_type::full)).id;
    }
    life now;
    job_id running = 0;
};

void check_superseded(const job& ended, job_id by) {
    CHECK(ended.state == job_state::cancelled);
    CHECK(ended.finished);
    CHECK_FALSE(ended.started);
    REQUIRE(ended.error);
    CHECK(ended.error->name == "superseded");
    CHECK_THAT(ended.error->message, ContainsSubstring("job " + std::to_string(by) + " "));
}

void check_superseded(const schedule_run& got, job_id by) {
    CHECK(got.outcome == run_outcome::superseded);
    CHECK(got.job == by);
    CHECK_THAT(got.reason, ContainsSubstring("job " + std::to_string(by) + " "));
}

} // namespace

TEST_CASE("a weaker run gives way to the scheduled one that waits", "[component][jobs]") {
    const machine home;
    busy house(home);
    auto& now = house.now;
    const auto waits = due(now, "weekly", noon, a(backup_type::full));

    const auto answer = due(now, "nightly", noon, a(backup_type::diff));

    CHECK(answer.outcome == run_outcome::superseded);
    CHECK(answer.what.id == waits.what.id);
    const auto runs = runs_of(now, "nightly");
    REQUIRE(runs.size() == 1);
    check_superseded(runs[0], waits.what.id);
    CHECK(runs_of(now, "weekly").at(0).outcome == run_outcome::started);
    CHECK(now.jobs.unfinished().size() == 2);
    home.open_gate("backup");
    CHECK(now.ended(waits.what.id).state == job_state::succeeded);
    CHECK(home.calls().size() == 2);
}

TEST_CASE("a stronger run takes the place of the one that waits", "[component][jobs]") {
    const machine home;
    busy house(home);
    auto& now = house.now;
    const auto incr = due(now, "hourly", noon, a(backup_type::incr));
    const auto waiting = now.loop.start(now.jobs.wait(incr.what.id, std::nullopt));

    const auto full = due(now, "weekly", noon, a(backup_type::full));

    CHECK(full.outcome == run_outcome::started);
    CHECK(full.what.id != incr.what.id);
    check_superseded(home.row(incr.what.id).value(), full.what.id);
    check_superseded(runs_of(now, "hourly").at(0), full.what.id);
    check_superseded(now.ended(incr.what.id), full.what.id);
    now.loop.until("who waits for it is told", [&] { return waiting->ended(); });
    CHECK(waiting->value->value().state == job_state::cancelled);
    CHECK_FALSE(std::filesystem::exists(home.files(incr.what.id).lock));
    home.open_gate("backup");
    CHECK(now.ended(full.what.id).state == job_state::succeeded);
    REQUIRE(home.calls().size() == 2);
    CHECK_THAT(home.calls()[1], ContainsSubstring("--type=full"));
}

TEST_CASE("the last that takes over stands in for all before it", "[component][jobs]") {
    const machine home;
    busy house(home);
    auto& now = house.now;
    due(now, "hourly", noon, a(backup_type::incr));
    due(now, "hourly", noon + hours{1}, a(backup_type::incr));
    due(now, "nightly", noon, a(backup_type::diff));

    const auto full = due(now, "weekly", noon, a(backup_type::full));

    const auto hourly = runs_of(now, "hourly");
    REQUIRE(hourly.size() == 2);
    check_superseded(hourly[0], full.what.id);
    check_superseded(hourly[1], full.what.id);
    check_superseded(runs_of(now, "nightly").at(0), full.what.id);
    now.loop.until("the others have ended", [&] { return now.jobs.unfinished().size() == 2; });
}

TEST_CASE("what people queued is not merged with", "[component][jobs]") {
    const machine home;
    busy house(home);
    auto& now = house.now;
    const auto persons = now.submit(a(backup_type::incr), when_busy::queue);

    const auto full = due(now, "weekly", noon, a(backup_type::full));
    const auto second = now.submit(a(backup_type::diff), when_busy::queue);
    const auto weaker = due(now, "nightly", noon, a(backup_type::diff));

    CHECK(full.outcome == run_outcome::started);
    CHECK(weaker.what.id == full.what.id);
    home.open_gate("backup");
    for (const auto id : {persons.id, full.what.id, second.id}) {
        CHECK(now.ended(id).state == job_state::succeeded);
    }
    CHECK(home.calls().size() == 4);
}

TEST_CASE("a scheduled job that runs is waited for, not merged with", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    const auto running = due(now, "nightly", noon, a(backup_type::full));
    now.await_begin(running.what.id);

    const auto next = due(now, "nightly", noon + hours{24}, a(backup_type::full));

    CHECK(next.outcome == run_outcome::started);
    CHECK(next.what.id != running.what.id);
    home.open_gate("backup");
    CHECK(now.ended(next.what.id).state == job_state::succeeded);
}

TEST_CASE("kinds and stanzas wait apart", "[component][jobs]") {
    const machine home;
    busy house(home);
    auto& now = house.now;
    due(now, "nightly", noon, a(backup_type::diff));

    const auto expire = due(now, "tidy", noon, a(job_kind::expire));
    const auto again = due(now, "tidy", noon + hours{1}, a(job_kind::expire));

    CHECK(expire.outcome == run_outcome::started);
    CHECK(again.outcome == run_outcome::superseded);
    CHECK(again.what.id == expire.what.id);
    CHECK(now.jobs.unfinished().size() == 3);
}

TEST_CASE("a due time that gave way is refused a second time", "[component][jobs]") {
    const machine home;
    busy house(home);
    auto& now = house.now;
    const auto waits = due(now, "nightly", noon, a(backup_type::diff));

    const auto itself = try_due(now, "nightly", noon, a(backup_type::diff));

    REQUIRE_FALSE(itself.has_value());
    CHECK(itself.error().why.code == errc::conflict);
    const auto runs = runs_of(now, "nightly");
    REQUIRE(runs.size() == 1);
    CHECK(runs[0].outcome == run_outcome::started);
    CHECK(runs[0].job == waits.what.id);
}

TEST_CASE("a job keeps its place when the one that comes cannot be written", "[component][jobs]") {
    const machine home;
    busy house(home);
    auto& now = house.now;
    const auto incr = due(now, "hourly", noon, a(backup_type::incr));
    home.sql("create trigger stumble before update on schedule_runs"
             " begin select raise(abort, 'stumbled'); end;");

    const auto refused = try_due(now, "weekly", noon, a(backup_type::full));

    REQUIRE_FALSE(refused.has_value());
    CHECK_THAT(refused.error().why.detail, ContainsSubstring("stumbled"));
    CHECK(home.row(incr.what.id)->state == job_state::queued);
    CHECK_FALSE(home.row(incr.what.id + 1));
    home.sql("drop trigger stumble;");
    home.open_gate("backup");
    CHECK(now.ended(incr.what.id).state == job_state::succeeded);
}

TEST_CASE("a stronger run starts though the one that waits lost its row", "[component][jobs]") {
    const machine home;
    busy house(home);
    auto& now = house.now;
    const auto incr = due(now, "hourly", noon, a(backup_type::incr));
    home.sql("delete from jobs where id = " + std::to_string(incr.what.id) + ";");

    const auto full = due(now, "weekly", noon, a(backup_type::full));

    home.open_gate("backup");
    CHECK(now.ended(full.what.id).state == job_state::succeeded);
    CHECK(home.calls().size() == 2);
}

TEST_CASE("a cancellation that comes while a job is replaced does no harm", "[component][jobs]") {
    const machine home;
    busy house(home);
    auto& now = house.now;
    const auto incr = due(now, "hourly", noon, a(backup_type::incr));
    const auto coming =
        now.loop.start(now.jobs.submit_scheduled(a(backup_type::full), {"weekly", noon, false}));
    now.loop.turn(1); // as far as the store

    const auto cancelled = now.cancel(incr.what.id);
    now.loop.until("the stronger one is taken on", [&] { return coming->ended(); });

    REQUIRE(coming->value->has_value());
    const auto full = coming->value->value().what.id;
    CHECK(now.ended(incr.what.id).state == job_state::cancelled);
    home.open_gate("backup");
    CHECK(now.ended(full).state == job_state::succeeded);
    CHECK(home.calls().size() == 2);
}

TEST_CASE("what took over is what the next restpoint runs", "[component][jobs]") {
    const machine home;
    job_id incr = 0;
    job_id full = 0;
    {
        busy house(home);
        incr = due(house.now, "hourly", noon, a(backup_type::incr)).what.id;
        full = due(house.now, "weekly", noon, a(backup_type::full)).what.id;
        house.now.shut_down(on_stop::leave, std::chrono::seconds{5});
    }
    check_superseded(home.row(incr).value(), full);
    home.open_gate("backup");

    life second(home);
    second.adopt();

    CHECK(second.ended(full).state == job_state::succeeded);
    CHECK(home.calls().size() == 2);
}

TEST_CASE("several that were left waiting are merged by the next restpoint", "[component][jobs]") {
    // Left by a crash: the first was about to begin when the others came, and never did.
    const machine home;
    std::vector<job_id> ids;
    {
        const auto rows = opened(home.state());
        for (const auto type : {backup_type::diff, backup_type::full, backup_type::incr}) {
            auto waited = a_backup();
            waited.spec.type = type;
            waited.requested_by = requested_by_schedule("often");
            schedule_run as;
            as.schedule = "often";
            as.due = noon + ids.size() * hours{1};
            ids.push_back(run(rows->insert_scheduled(waited, as)).value());
        }
        ids.push_back(run(rows->insert(a_backup())).value()); // a person's
    }

    life next(home);
    next.adopt();

    CHECK(next.ended(ids[1]).state == job_state::succeeded);
    check_superseded(next.ended(ids[0]), ids[1]);
    check_superseded(next.ended(ids[2]), ids[1]);
    CHECK(next.ended(ids[3]).state == job_state::succeeded);
    CHECK(home.calls().size() == 2);
    const auto runs = runs_of(next, "often"); // newest first
    REQUIRE(runs.size() == 3);
    check_superseded(runs[0], ids[1]);
    CHECK(runs[1].outcome == run_outcome::started);
    check_superseded(runs[2], ids[1]);
}

TEST_CASE("what cannot be merged at the start runs all the same", "[component][jobs]") {
    const machine home;
    {
        const auto rows = opened(home.state());
        for (int i = 0; i < 2; ++i) {
            auto waited = a_backup();
            waited.requested_by = requested_by_schedule("often");
            schedule_run as;
            as.schedule = "often";
            as.due = noon + i * hours{1};
            REQUIRE(run(rows->insert_scheduled(waited, as)));
        }
    }
    home.sql("create trigger stumble before update on schedule_runs"
             " begin select raise(abort, 'stumbled'); end;");

    life next(home);
    next.adopt();

    CHECK(next.ended(1).state == job_state::succeeded);
    CHECK(next.ended(2).state == job_state::succeeded);
}
