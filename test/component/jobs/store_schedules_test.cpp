// What the store remembers of schedules.
#include "jobs/sqlite.hpp"
#include "jobs/store.hpp"
#include "store_fixture.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using std::chrono::hours;

namespace {

constexpr wall_time noon{std::chrono::seconds{1'795'262'400}};

schedule_run a_run(wall_time due, run_outcome outcome = run_outcome::started) {
    schedule_run made;
    made.schedule = "nightly";
    made.due = due;
    made.outcome = outcome;
    made.recorded = due + std::chrono::seconds{3};
    return made;
}

wall_time covered(store& rows, const std::string& schedule = "nightly") {
    const auto memory = run(rows.recall(schedule));
    REQUIRE(memory);
    REQUIRE(*memory);
    return (*memory)->covered;
}

std::vector<schedule_run> runs_of(store& rows, const std::string& schedule = "nightly") {
    auto runs = run(rows.schedule_runs(schedule, 500));
    REQUIRE(runs);
    return std::move(*runs);
}

void with_raw(const std::filesystem::path& folder, const std::string& script) {
    auto raw = database::open(folder / "restpoint.db");
    REQUIRE(raw);
    REQUIRE((*raw)->run(script));
}

} // namespace

TEST_CASE("a schedule is remembered by its name, over a restart too", "[component][jobs]") {
    const temporary_folder folder;
    {
        const auto rows = opened(folder.path());
        CHECK(run(rows->recall("nightly")).value() == std::nullopt);
        REQUIRE(run(rows->remember({"nightly", "0 0 * * * UTC", noon})));
        REQUIRE(run(rows->remember({"weekly", "0 0 * * 0 UTC", noon + hours{1}})));
        REQUIRE(run(rows->remember({"nightly", "0 1 * * * UTC", noon - hours{24}})));
    }

    const auto rows = opened(folder.path());

    CHECK(
        run(rows->recall("nightly")).value() ==
        schedule_memory{"nightly", "0 1 * * * UTC", noon - hours{24}});
    CHECK(covered(*rows, "weekly") == noon + hours{1});
}

TEST_CASE("a schedule that is forgotten leaves its runs", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    REQUIRE(run(rows->remember({"nightly", "f", noon})));
    REQUIRE(run(rows->settle_run(a_run(noon + hours{1}, run_outcome::missed))));

    REQUIRE(run(rows->remember({"weekly", "f", noon})));
    REQUIRE(run(rows->remember({"monthly", "f", noon})));

    REQUIRE(run(rows->forget_all_but({"monthly", "weekly", "never was"})));
    CHECK(run(rows->recall("nightly")).value() == std::nullopt);
    CHECK(covered(*rows, "weekly") == noon);
    CHECK(covered(*rows, "monthly") == noon);

    REQUIRE(run(rows->forget_all_but({})));
    CHECK(run(rows->recall("weekly")).value() == std::nullopt);
    CHECK(runs_of(*rows).size() == 1);
}

TEST_CASE("a run reads back as it was settled, and its due time is covered", "[component][jobs]") {
    const temporary_folder folder;
    auto recorded = a_run(noon, run_outcome::missed);
    recorded.late = true;
    recorded.job = 12;
    recorded.reason = "restpoint was down, ä \"quoted\"";
    {
        const auto rows = opened(folder.path());
        REQUIRE(run(rows->remember({"nightly", "f", noon - hours{24}})));
        REQUIRE(run(rows->settle_run(recorded)));
    }

    const auto rows = opened(folder.path());

    CHECK(runs_of(*rows) == std::vector{recorded});
    CHECK(covered(*rows) == noon);
    CHECK(run(rows->recall("nightly")).value()->fingerprint == "f");
}

TEST_CASE("a due time is settled once", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    REQUIRE(run(rows->settle_run(a_run(noon, run_outcome::started))));
    REQUIRE(run(rows->remember({"weekly", "f", noon})));
    auto earlier = a_run(noon - hours{24}, run_outcome::missed);
    earlier.schedule = "weekly";

    const auto again = run(rows->settle_run(a_run(noon, run_outcome::superseded)));
    const auto late = run(rows->settle_run(earlier));

    REQUIRE_FALSE(again);
    CHECK(again.error().code == errc::conflict);
    REQUIRE_FALSE(late);
    CHECK(late.error().code == errc::conflict);
    CHECK(runs_of(*rows) == std::vector{a_run(noon, run_outcome::started)});
    CHECK(runs_of(*rows, "weekly").empty());
    CHECK(covered(*rows, "weekly") == noon);
}

TEST_CASE("a row that says why nothing ran gives way to a run", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    const auto why = GENERATE(run_outcome::missed, run_outcome::standby, run_outcome::failed);
    REQUIRE(run(rows->settle_run(a_run(noon, why))));
    REQUIRE(run(rows->remember({"nightly", "f", noon - hours{24}}))); // the clock was set back

    REQUIRE(run(rows->settle_run(a_run(noon, run_outcome::superseded))));

    CHECK(runs_of(*rows) == std::vector{a_run(noon, run_outcome::superseded)});
    CHECK(covered(*rows) == noon);
}

TEST_CASE("the runs of a schedule come newest first, as many as asked for", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    for (const int day : {1, 3, 2}) {
        REQUIRE(run(rows->settle_run(a_run(noon + day * hours{24}))));
    }
    auto other = a_run(noon);
    other.schedule = "other";
    REQUIRE(run(rows->settle_run(other)));

    const auto newest = run(rows->schedule_runs("nightly", 2));

    REQUIRE(newest);
    REQUIRE(newest->size() == 2);
    CHECK(newest->at(0).due == noon + 3 * hours{24});
    CHECK(newest->at(1).due == noon + 2 * hours{24});
    CHECK(runs_of(*rows).size() == 3);
    CHECK(run(rows->schedule_runs("nobody", 5)).value().empty());
}

TEST_CASE("a scheduled job is its row, its run and what is covered", "[component][jobs]") {
    const temporary_folder folder;
    job_id id = 0;
    {
        const auto rows = opened(folder.path());
        REQUIRE(run(rows->remember({"nightly", "f", noon - hours{24}})));
        id = run(rows->insert_scheduled(a_backup(), a_run(noon))).value();
    }

    const auto rows = opened(folder.path());

    REQUIRE(run(rows->find(id)).value());
    CHECK(run(rows->find(id)).value()->requested_by == a_backup().requested_by);
    auto expected = a_run(noon);
    expected.job = id;
    CHECK(runs_of(*rows) == std::vector{expected});
    CHECK(covered(*rows) == noon);
}

TEST_CASE("a due time that is covered makes no second job", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    REQUIRE(run(rows->remember({"nightly", "f", noon - hours{24}})));
    REQUIRE(run(rows->insert_scheduled(a_backup(), a_run(noon))));

    SECTION("the same one") {
        const auto again = run(rows->insert_scheduled(a_backup(), a_run(noon)));
        REQUIRE_FALSE(again);
        CHECK(again.error().code == errc::conflict);
        CHECK_THAT(again.error().detail, ContainsSubstring("nightly"));
    }
    SECTION("an earlier one") {
        const auto earlier = run(rows->insert_scheduled(a_backup(), a_run(noon - hours{1})));
        REQUIRE_FALSE(earlier);
        CHECK(earlier.error().code == errc::conflict);
    }
    SECTION("the same one, though the schedule was forgotten") {
        REQUIRE(run(rows->forget_all_but({})));
        const auto again = run(rows->insert_scheduled(a_backup(), a_run(noon)));
        REQUIRE_FALSE(again);
        CHECK(again.error().code == errc::conflict);
    }

    CHECK(run(rows->list({})).value().size() == 1);
    CHECK(runs_of(*rows).size() == 1);
}

TEST_CASE("other schedules and later times are not covered", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    REQUIRE(run(rows->remember({"nightly", "f", noon - hours{24}})));
    REQUIRE(run(rows->insert_scheduled(a_backup(), a_run(noon))));
    auto other = a_run(noon);
    other.schedule = "other";

    CHECK(run(rows->insert_scheduled(a_backup(), other)));
    CHECK(run(rows->insert_scheduled(a_backup(), a_run(noon + std::chrono::minutes{1}))));
}

TEST_CASE(
    "a scheduled job of which a part cannot be written is not written at all",
    "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    REQUIRE(run(rows->remember({"nightly", "f", noon - hours{24}})));
    // Stands for whatever goes wrong between the first row and the last.
    with_raw(
        folder.path(), "create trigger stumble before update on schedule_memory"
                       " begin select raise(abort, 'stumbled'); end;");

    const auto refused = run(rows->insert_scheduled(a_backup(), a_run(noon)));

    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().detail, ContainsSubstring("stumbled"));
    CHECK(run(rows->list({})).value().empty());
    CHECK(runs_of(*rows).empty());
    CHECK(covered(*rows) == noon - hours{24});
    with_raw(folder.path(), "drop trigger stumble;");
    CHECK(run(rows->insert_scheduled(a_backup(), a_run(noon))));
}

TEST_CASE(
    "a store of the first version keeps its jobs and forgets the old schedule",
    "[component][jobs]") {
    const temporary_folder folder;
    {
        const auto rows = opened(folder.path());
        REQUIRE(run(rows->insert(a_backup())));
    }
    with_raw(
        folder.path(),
        "drop trigger jobs_take_their_keys; drop table request_keys; drop table schedule_pauses;"
        "drop table schedule_memory; drop table schedule_runs;"
        "create table schedule_runs (schedule text primary key, due_us integer not null) strict,"
        " without rowid;"
        "drop trigger jobs_keep_final; drop index jobs_by_end; drop index jobs_by_outcome;"
        "drop index jobs_with_logs; drop index audit_by_time; drop index audit_of_strangers;"
        "alter table audit drop column stranger;"
        "alter table jobs drop column log_removed_us;"
        "drop trigger jobs_keep_final_reports;"
        "alter table jobs drop column work_order; alter table jobs drop column report;"
        "drop trigger jobs_keep_final_sets;"
        "alter table jobs drop column backup_set; alter table jobs drop column dry_run;"
        "create trigger jobs_keep_final before update on jobs"
        " when old.state not in ('queued', 'running')"
        " begin select raise(abort, 'a finished job does not change'); end;"
        "insert into audit (at_us, who, peer, what, outcome) values"
        " (1, 'http 10.0.0.7', '', '', 'refused: 401'), (1, 'http 10.0.0.7', '', '', 'started'),"
        " (1, 'token ci 10.0.0.7', '', '', 'refused: 403');"
        "insert into schedule_runs values ('PG_BACKUP_TIME', 1); pragma user_version = 1;");

    const auto rows = opened(folder.path());

    CHECK(run(rows->find(1)).value());
    CHECK(run(rows->recall("PG_BACKUP_TIME")).value() == std::nullopt);
    CHECK(runs_of(*rows, "PG_BACKUP_TIME").empty());
    CHECK(run(rows->insert_scheduled(a_backup(), a_run(noon))));
    CHECK(run(rows->remove_refusals(0, 10)).value() == 1); // the stranger's
}

TEST_CASE("an outcome that this program does not know is named", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    REQUIRE(run(rows->settle_run(a_run(noon))));
    with_raw(folder.path(), "update schedule_runs set outcome = 'postponed';");

    const auto read = run(rows->schedule_runs("nightly", 5));

    REQUIRE_FALSE(read);
    CHECK(read.error().code == errc::unusable_state);
    CHECK_THAT(read.error().detail, ContainsSubstring("postponed"));
}
