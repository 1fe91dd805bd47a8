#include "api/stanza_state.hpp"
#include "findings.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::api;
using namespace restpoint::api::test;
using backrest::info_state;

namespace {

/// The state with one reason, which is returned.
reason only(const stanza_findings& found, condition what, std::string_view code) {
    const auto state = judge(found);
    CHECK(to_string(state.what) == to_string(what));
    REQUIRE(state.reasons.size() == 1);
    CHECK(to_string(state.reasons[0].what) == to_string(what));
    CHECK(state.reasons[0].code == code);
    CHECK_FALSE(state.reasons[0].message.empty());
    return state.reasons[0];
}

backrest::wal_gap a_gap(std::uint32_t first, std::uint32_t last) {
    return {{1, 0, first}, {1, 0, last}, last - first + 1, {{1, 0, first - 1}}, {{1, 0, last + 1}}};
}

jobs::job failed_job(const std::string& name, const std::string& message) {
    auto one = a_job(12, jobs::job_state::failed);
    one.error = backrest::command_error{.name = name, .message = message};
    return one;
}

} // namespace

TEST_CASE("a stanza where all was looked at and nothing is wrong is ok", "[api]") {
    const auto state = judge(circumstances().found());

    CHECK(state.what == condition::ok);
    CHECK(state.reasons.empty());
}

TEST_CASE("nothing is ok where nobody looked", "[api]") {
    const auto state = judge(stanza_findings{.name = "main"});

    CHECK(state.what == condition::unknown);
    CHECK(state.reasons.size() == 3);
}

TEST_CASE("an old answer of info is not what is known now", "[api]") {
    circumstances of;
    of.info.stale = true;

    const auto why = only(of.found(), condition::unknown, "info-stale");
    CHECK_THAT(why.message, ContainsSubstring("2026-11-22T15:28:20.000Z"));
}

TEST_CASE("a stanza that info does not tell of is unknown", "[api]") {
    circumstances of;
    of.stanza().name = "other";

    only(of.found(), condition::unknown, "info-not-understood");
}

TEST_CASE("what pgbackrest says of a repo decides", "[api]") {
    circumstances of;
    of.stanza().status = {info_state::no_valid_backups, 2, "no valid backups"};
    of.stanza().repos[0].status = of.stanza().status;
    CHECK(only(of.found(), condition::error, "repo-status").message == "repo 1: no valid backups");

    of.stanza().repos.push_back({2, "none", {info_state::ok, 0, "ok"}});
    only(of.found(), condition::degraded, "repo-status");

    of.stanza().repos = {{1, "none", {info_state::unknown, 77, "?"}}};
    only(of.found(), condition::unknown, "repo-status");
}

TEST_CASE("what pgbackrest says of the stanza counts where its repos say nothing", "[api]") {
    circumstances of;
    of.stanza().status = {info_state::database_mismatch, 5, "database mismatch"};
    only(of.found(), condition::degraded, "stanza-status");

    of.stanza().repos.clear();
    only(of.found(), condition::error, "stanza-status");
}

TEST_CASE("backups with broken pages are named", "[api]") {
    circumstances of;
    for (const auto* label : {"B", "C", "D", "E"}) {
        of.stanza().backups.push_back(a_backup(label));
        of.stanza().backups.back().page_error = true;
    }

    CHECK_THAT(
        only(of.found(), condition::degraded, "page-checksum").message,
        EndsWith(": B, C, D and 1 more"));
}

TEST_CASE("without a look at the WAL nobody knows", "[api]") {
    circumstances of;
    auto found = of.found();
    found.window = failure{errc::unavailable, "no answer"};
    CHECK(only(found, condition::unknown, "archive-not-listed").message == "no answer");

    of.window.stale = true;
    only(of.found(), condition::unknown, "archive-stale");
}

TEST_CASE("an archive that could not be listed is named", "[api]") {
    circumstances of;
    of.archive().error = failure{errc::unavailable, "broken"};

    CHECK(
        only(of.found(), condition::unknown, "archive-not-listed").message ==
        "archive 15-1 of repo 1: broken");
}

TEST_CASE("a gap degrades, and is told once for all timelines it is in", "[api]") {
    circumstances of;
    of.timeline().gaps = {a_gap(5, 5)};
    of.archive().window.timelines.push_back(a_timeline(2));
    of.archive().window.timelines[1].gaps = {a_gap(5, 5)};
    of.rest.postgres->timeline = 2;

    CHECK(
        only(of.found(), condition::degraded, "wal-gap").message ==
        "archive 15-1 of repo 1 lacks 1 WAL segment: 000000010000000000000005; no restore can go "
        "across, only on from the next backup behind it");
}

TEST_CASE("several gaps are counted, and the first named", "[api]") {
    circumstances of;
    of.timeline().gaps = {a_gap(5, 6), a_gap(8, 8), a_gap(10, 10), a_gap(12, 12)};

    CHECK_THAT(
        only(of.found(), condition::degraded, "wal-gap").message,
        ContainsSubstring("lacks 5 WAL segments: 000000010000000000000005 to "
                          "000000010000000000000006, 000000010000000000000008, "
                          "00000001000000000000000A and 1 more; "));
}

TEST_CASE("a gap just between two backups may be retention's", "[api]") {
    circumstances of;
    of.stanza().backups.push_back(a_backup("B"));
    of.stanza().backups[1].wal_start = "000000010000000000000009";
    of.timeline().gaps = {a_gap(4, 8)};
    CHECK_THAT(
        only(of.found(), condition::degraded, "wal-gap").message,
        ContainsSubstring("repo-retention-archive takes such"));

    of.timeline().gaps = {a_gap(5, 8)};
    CHECK_THAT(
        only(of.found(), condition::degraded, "wal-gap").message, !ContainsSubstring("retention"));
    of.timeline().gaps = {a_gap(4, 7)};
    CHECK_THAT(
        only(of.found(), condition::degraded, "wal-gap").message, !ContainsSubstring("retention"));
    of.timeline().gaps[0].before.reset();
    CHECK_THAT(
        only(of.found(), condition::degraded, "wal-gap").message, !ContainsSubstring("retention"));
}

TEST_CASE("gaps are told also where info says nothing", "[api]") {
    circumstances of;
    of.timeline().gaps = {a_gap(4, 8)};
    auto found = of.found();
    found.info = failure{errc::unavailable, "no answer"};

    const auto state = judge(found);
    CHECK(state.what == condition::degraded);
    REQUIRE(state.reasons.size() == 2);
    CHECK(state.reasons[0].code == "wal-gap");
    CHECK(state.reasons[1].code == "info-unavailable");
}

TEST_CASE("backups without their WAL are named once", "[api]") {
    circumstances of;
    of.timeline().incomplete = {"A", "B"};
    of.archive().window.timelines.push_back(a_timeline(2));
    of.archive().window.timelines[1].incomplete = {"A"};
    of.rest.postgres->timeline = 2;

    CHECK_THAT(
        only(of.found(), condition::degraded, "backup-incomplete").message, EndsWith(": A, B"));
}

TEST_CASE("a segment in two versions degrades", "[api]") {
    circumstances of;
    of.archive().window.duplicates = {{1, 0, 7}};

    CHECK_THAT(
        only(of.found(), condition::degraded, "wal-duplicate").message,
        ContainsSubstring("000000010000000000000007"));
}

TEST_CASE("names of another segment size leave doubt", "[api]") {
    circumstances of;
    of.archive().window.misfits = 3;

    CHECK_THAT(
        only(of.found(), condition::unknown, "wal-names").message,
        ContainsSubstring("3 WAL segments that no server with segments of 16 MB"));
}

TEST_CASE("a timeline of unknown origin leaves doubt, unless it has backups of its own", "[api]") {
    circumstances of;
    of.timeline().ancestry_known = false;
    CHECK(judge(of.found()).what == condition::ok);

    of.timeline().from_wal.reset();
    only(of.found(), condition::unknown, "timeline-history");
}

TEST_CASE("a server that does not answer leaves doubt", "[api]") {
    circumstances of;
    of.rest.postgres = failure{errc::unavailable, "postgresql is stopped"};

    CHECK_THAT(
        only(of.found(), condition::unknown, "postgresql-silent").message,
        EndsWith("postgresql is stopped"));
}

TEST_CASE("archiving that fails degrades", "[api]") {
    circumstances of;
    of.rest.postgres->archiving_fails = true;
    of.rest.postgres->last_failed_segment = "000000010000000000000009";

    CHECK_THAT(
        only(of.found(), condition::degraded, "archiving-fails").message,
        EndsWith("000000010000000000000009"));
}

TEST_CASE("a server far ahead of its archive degrades", "[api]") {
    circumstances of;
    of.rest.postgres->position = 0xD000000 + (1ULL << 30U);
    CHECK(judge(of.found()).what == condition::ok);

    ++of.rest.postgres->position;
    CHECK_THAT(
        only(of.found(), condition::degraded, "archive-lag").message,
        ContainsSubstring("the archive can be restored to 0/D000000 only: 1024 MB"));

    of.rest.postgres->segment_bytes = 1U << 30U;
    CHECK(judge(of.found()).what == condition::ok);
}

TEST_CASE("a newer timeline that the server left degrades, and is named", "[api]") {
    circumstances of;
    of.archive().window.timelines.push_back(a_timeline(3));

    CHECK_THAT(
        only(of.found(), condition::degraded, "timeline-left").message,
        ContainsSubstring("the repo's newest is 3") && ContainsSubstring("--target-timeline=1"));
}

TEST_CASE("what a restore left and nobody can read makes a stanza unknown", "[api]") {
    circumstances of;
    of.rest.strange_restores = {"what a restore left in '/pg/data.restpoint/x' cannot be read"};

    CHECK(
        only(of.found(), condition::unknown, "restore-unreadable").message ==
        of.rest.strange_restores.front());
}

TEST_CASE("a timeline of which nothing is in the repo degrades", "[api]") {
    circumstances of;
    of.rest.postgres->timeline = 2;
    CHECK_THAT(
        only(of.found(), condition::degraded, "timeline-not-archived").message,
        ContainsSubstring("timeline 2"));

    of.archive().window.timelines.clear();
    only(of.found(), condition::degraded, "timeline-not-archived");
}

TEST_CASE("a standby says nothing of the lag", "[api]") {
    circumstances of;
    of.rest.postgres = postgres::wal_facts{
        .in_recovery = true, .position = 1ULL << 60U, .segment_bytes = 16U << 20U};

    CHECK(judge(of.found()).what == condition::ok);
    CHECK_FALSE(find_lag(of.found()).live.has_value());
    CHECK_FALSE(find_lag(of.found()).bytes.has_value());
    CHECK(find_lag(of.found()).archived == 0xD000000U);
}

TEST_CASE("a last backup that failed degrades", "[api]") {
    circumstances of;
    of.rest.last_backup = failed_job("archive-timeout", "first line\nsecond line");
    CHECK(
        only(of.found(), condition::degraded, "backup-failed").message ==
        "the last backup, job 12, failed: first line");

    of.rest.last_backup = a_job(13, jobs::job_state::succeeded);
    CHECK(judge(of.found()).what == condition::ok);
}

TEST_CASE("a last backup that was interrupted degrades, whether or not it says why", "[api]") {
    circumstances of;
    of.rest.last_backup = failed_job("stopped", "restpoint was stopped");
    of.rest.last_backup->state = jobs::job_state::interrupted;
    CHECK(
        only(of.found(), condition::degraded, "backup-failed").message ==
        "the last backup, job 12, was interrupted: restpoint was stopped");

    of.rest.last_backup = a_job(13, jobs::job_state::interrupted);
    CHECK(
        only(of.found(), condition::degraded, "backup-failed").message ==
        "the last backup, job 13, was interrupted");
}

TEST_CASE("a last verification that was interrupted leaves doubt", "[api]") {
    circumstances of;
    of.rest.last_verification = a_job(12, jobs::job_state::interrupted);

    only(of.found(), condition::unknown, "verification-failed");
}

TEST_CASE("a last verification that found errors degrades, one that failed leaves doubt", "[api]") {
    circumstances of;
    of.rest.last_verification = failed_job("verify-error", "bad");
    CHECK(
        only(of.found(), condition::degraded, "verification-failed").message ==
        "the last verification, job 12, found errors: bad");

    of.rest.last_verification = failed_job("file-open", "bad");
    only(of.found(), condition::unknown, "verification-failed");
}

TEST_CASE("the worst reason decides and stands first", "[api]") {
    circumstances of;
    of.info.stale = true;
    of.timeline().gaps = {a_gap(5, 5)};
    of.stanza().repos[0].status = {info_state::missing_stanza_path, 1, "missing stanza path"};

    const auto state = judge(of.found());
    CHECK(state.what == condition::error);
    REQUIRE(state.reasons.size() == 3);
    CHECK(state.reasons[0].code == "repo-status");
    CHECK(state.reasons[1].code == "wal-gap");
    CHECK(state.reasons[2].code == "info-stale");
}

TEST_CASE("the window of the timeline that is written is the live one", "[api]") {
    circumstances of;
    of.archive().window.timelines = {a_timeline(1), a_timeline(3)};
    CHECK(of.found().live_window()->timeline == 1);

    of.rest.postgres = failure{};
    CHECK(of.found().live_window()->timeline == 3);

    of.archive().of.current = false;
    CHECK(of.found().live_window() == nullptr);
}

TEST_CASE("of two repos the one that reaches further has the live window", "[api]") {
    circumstances of;
    of.window.archives.push_back(of.archive());
    auto& other = of.window.archives[1];
    other.of.repo = 2;
    other.window.timelines[0].restorable[0].to_lsn = 0xD000040;
    CHECK(find_lag(of.found()).bytes == 0x10U);

    other.window.timelines[0].restorable.clear();
    CHECK(find_lag(of.found()).bytes == 0x50U);

    of.archive().window.timelines[0].restorable.clear();
    CHECK_FALSE(find_lag(of.found()).bytes.has_value());
}

TEST_CASE("an archive ahead of the server is not behind it", "[api]") {
    circumstances of;
    of.rest.postgres->position = 0xC000050;

    CHECK(find_lag(of.found()).bytes == 0U);
}

TEST_CASE("a condition has a name", "[api]") {
    CHECK(to_string(condition::ok) == "ok");
    CHECK(to_string(condition::unknown) == "unknown");
    CHECK(to_string(condition::degraded) == "degraded");
    CHECK(to_string(condition::error) == "error");
}

TEST_CASE("a store that is down is told in brief, with what to do", "[api]") {
    circumstances of;
    of.stanza().repos[0].status = {
        info_state::other, 99,
        "[ProtocolError] HTTP request failed with 404 (Not Found):\n*** Path/Query ***:\nGET /x\n"
        "<Code>NoSuchBucket</Code><Message>no such bucket</Message>"};
    of.archive().earlier =
        std::make_shared<const backrest::archive_window>(std::exchange(of.archive().window, {}));
    of.archive().error = failure{errc::unavailable, "broken", "mend it"};

    const auto told = judge(of.found());
    CHECK(told.what == condition::error);
    REQUIRE(told.reasons.size() == 2);
    CHECK(
        told.reasons[0].message ==
        "repo 1: [ProtocolError] HTTP request failed with 404 (Not Found): NoSuchBucket: no such "
        "bucket");
    CHECK_THAT(told.reasons[0].hint, ContainsSubstring("no such bucket"));
    CHECK(told.reasons[1].code == "archive-not-listed");
    CHECK(told.reasons[1].hint == "mend it");
    CHECK(find_lag(of.found()).bytes == 80U);
    CHECK(of.found().live_window() == nullptr);

    of.archive().earlier = nullptr;
    CHECK(judge(of.found()).reasons.size() == 2);
    CHECK_FALSE(find_lag(of.found()).bytes.has_value());
}
