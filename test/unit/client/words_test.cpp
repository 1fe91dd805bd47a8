#include "client/words.hpp"
#include "support/catch.hpp"

using namespace restpoint::client;

namespace {

job full_backup() {
    job what;
    what.id = "7";
    what.kind = "backup";
    what.stanza = "main";
    what.type = "full";
    what.state = "succeeded";
    what.requested_by = "http 127.0.0.1";
    what.created = "2026-11-22T16:30:00.000Z";
    what.started = "2026-11-22T16:30:00.000Z";
    what.finished = "2026-11-22T16:30:03.200Z";
    what.label = "20261122-163000F";
    what.backup_size = 34100000;
    return what;
}

job failed_check() {
    job what;
    what.id = "8";
    what.kind = "check";
    what.stanza = "main";
    what.state = "failed";
    what.created = "2026-11-22T16:31:00.000Z";
    what.error = job_error{56, "DbConnectError", "no database\nwas found", "start it"};
    return what;
}

} // namespace

TEST_CASE("sizes have three digits or four and a unit", "[unit][client]") {
    CHECK(size_words(0) == "0 B");
    CHECK(size_words(999) == "999 B");
    CHECK(size_words(1000) == "1.0 kB");
    CHECK(size_words(999940) == "999.9 kB");
    CHECK(size_words(999960) == "1.0 MB");
    CHECK(size_words(34100000) == "34.1 MB");
    CHECK(size_words(18446744073709551615ULL) == "18.4 EB");
}

TEST_CASE("spans are told as coarsely as they are long", "[unit][client]") {
    CHECK(span_words(-1) == "0.0 s");
    CHECK(span_words(3.21) == "3.2 s");
    CHECK(span_words(59.96) == "1 min 0 s");
    CHECK(span_words(200) == "3 min 20 s");
    CHECK(span_words(7500) == "2 h 5 min");
}

TEST_CASE("times lose their fractions and keep their zone", "[unit][client]") {
    CHECK(time_words("2026-11-22T16:30:00.123Z") == "2026-11-22 16:30:00Z");
    CHECK(time_words("2026-11-22T16:30:00+02:00") == "2026-11-22T16:30:00+02:00");
    CHECK(time_words("").empty());
}

TEST_CASE("what a job does has a name", "[unit][client]") {
    auto what = full_backup();
    CHECK(name_of(what) == "full backup of main");
    what.kind = "verify";
    CHECK(name_of(what) == "verification of main");
    what.kind = "stanza-create";
    CHECK(name_of(what) == "stanza-create of main");
}

TEST_CASE("a good end is one sentence", "[unit][client]") {
    CHECK(
        ending(full_backup(), colour::none) ==
        "job 7: full backup of main succeeded in 3.2 s: 20261122-163000F, 34.1 MB "
        "backed up\n");
}

TEST_CASE("the end of a restore says until when it can be undone", "[unit][client]") {
    auto what = full_backup();
    what.kind = "restore";
    what.label.clear();
    what.downtime_ms = 430;
    what.reversible_until = "2026-11-24T16:30:00.000Z";
    CHECK(
        ending(what, colour::none) ==
        "job 7: restore of main succeeded in 3.2 s\n"
        "  the server was away for 0.4 s\n"
        "  reversible until 2026-11-24 16:30:00Z: 'restpoint undo 7' goes back to what was there "
        "before\n");
    CHECK_THAT(job_details(what), ContainsSubstring("reversible until 2026-11-24 16:30:00Z\n"));
    what.undone_by = "9";
    what.forgotten = true;
    what.previous = "/pg/data.restpoint/x/previous";
    CHECK_THAT(
        job_details(what),
        ContainsSubstring("kept in    /pg/data.restpoint/x/previous\nundone     by job 9\n"
                          "forgotten  what its undo needs was given up\n"));
    what.state = "failed";
    CHECK(ending(what, colour::none) == "job 7: restore of main failed after 3.2 s\n");
}

TEST_CASE("a backup whose expire failed is told as both", "[unit][client]") {
    auto what = full_backup();
    what.state = "failed";
    what.expire_failed = true;
    what.backup_size = {};

    CHECK(
        ending(what, colour::none) ==
        "job 7: full backup of main failed after 3.2 s: 20261122-163000F\n"
        "  the backup is good; the expire after it failed\n");
}

TEST_CASE("a bad end says why and what to do", "[unit][client]") {
    CHECK(
        ending(failed_check(), colour::none) ==
        "job 8: check of main failed\n"
        "  pgBackRest error 56 (DbConnectError): no database\n  was found\n  start it\n");
}

TEST_CASE("an error without a code or a name is told without", "[unit][client]") {
    auto what = failed_check();
    what.error = job_error{56, "", "x", ""};
    CHECK_THAT(ending(what, colour::none), EndsWith("  pgBackRest error 56: x\n"));
    what.error = job_error{{}, "", "the machine was restarted", ""};
    CHECK_THAT(ending(what, colour::none), EndsWith("failed\n  the machine was restarted\n"));
}

TEST_CASE("the outcome is painted where it may be", "[unit][client]") {
    CHECK_THAT(
        ending(full_backup(), colour::ansi), ContainsSubstring("\x1b[32msucceeded\x1b[0m in"));
    CHECK_THAT(ending(failed_check(), colour::ansi), ContainsSubstring("\x1b[31mfailed\x1b[0m\n"));
}

TEST_CASE("jobs stand below each other", "[unit][client]") {
    auto running = full_backup();
    running.id = "10";
    running.state = "running";
    running.label = "";
    running.finished = "";
    running.now = progress{"copy", 1, 2, 50.0, {}, {}};
    auto queued = running;
    queued.id = "11";
    queued.state = "queued";
    queued.now = {};

    CHECK(
        job_table({queued, running, failed_check(), full_backup()}) ==
        "ID  KIND    TYPE  STATE      CREATED               TOOK   RESULT\n"
        "11  backup  full  queued     2026-11-22 16:30:00Z  -      -\n"
        "10  backup  full  running    2026-11-22 16:30:00Z  -      50 %\n"
        "8   check   -     failed     2026-11-22 16:31:00Z  -      no database\n"
        "7   backup  full  succeeded  2026-11-22 16:30:00Z  3.2 s  20261122-163000F\n");
    CHECK(job_table({}) == "there are no such jobs\n");
}

TEST_CASE("backups stand below each other", "[unit][client]") {
    const backup good{
        "20261122-163000F",
        "full",
        "2026-11-22T16:30:00.000Z",
        "2026-11-22T16:30:03.000Z",
        34100000,
        9000000,
        1,
        false};
    const backup bad{"20261122-163000F_20261122-164000I", "incr", "", "", {}, {}, {}, true};

    CHECK(
        backup_table({good, bad}) ==
        "LABEL                              TYPE  FINISHED              TOOK   DATABASE  IN REPO"
        "  REPO\n"
        "20261122-163000F                   full  2026-11-22 16:30:03Z  3.0 s  34.1 MB   9.0 MB "
        "  1\n"
        "20261122-163000F_20261122-164000I  incr  -                     -      -         -      "
        "  -     page checksums are wrong\n");
    CHECK(backup_table({}) == "there are no backups\n");
}

TEST_CASE("schedules stand below each other", "[unit][client]") {
    const schedule nightly{"nightly",  "backup", "diff", "30 0 * * *",
                           "UTC",      true,     false,  "2026-11-23T00:30:00+00:00",
                           "succeeded"};
    const schedule paused{"p", "check", "", "@daily", "UTC", true, true, "x", ""};
    const schedule off{"off", "check", "", "@daily", "UTC", false, false, "", ""};

    CHECK(
        schedule_table({nightly, paused, off}) ==
        "NAME     RUNS         CRON        ZONE  NEXT                       LAST\n"
        "nightly  diff backup  30 0 * * *  UTC   2026-11-23T00:30:00+00:00  succeeded\n"
        "p        check        @daily      UTC   paused                     -\n"
        "off      check        @daily      UTC   disabled                   -\n");
    CHECK(schedule_table({}) == "there are no schedules\n");
    CHECK(schedule_sentence(paused) == "schedule p is paused\n");
    CHECK(schedule_sentence(nightly) == "schedule nightly runs next: 2026-11-23T00:30:00+00:00\n");
}

TEST_CASE("one job is told line by line", "[unit][client]") {
    CHECK(
        job_details(full_backup()) ==
        "job        7\nwhat       full backup of main\nstate      succeeded\n"
        "asked by   http 127.0.0.1\ncreated    2026-11-22 16:30:00Z\n"
        "started    2026-11-22 16:30:00Z\nfinished   2026-11-22 16:30:03Z\ntook       3.2 s\n"
        "backup     20261122-163000F\nsize       34.1 MB\n");
    CHECK_THAT(
        job_details(failed_check()), EndsWith("error\n  pgBackRest error 56 "
                                              "(DbConnectError): no database\n  was found\n"
                                              "  start it\n"));
}

TEST_CASE("one job tells its progress and a failed expire", "[unit][client]") {
    auto what = full_backup();
    what.now = progress{"copy", {}, {}, 99.95, {}, {}};
    what.expire_failed = true;

    CHECK_THAT(
        job_details(what), ContainsSubstring("progress   100.0 %\n") &&
                               EndsWith("warning    the backup is good; the expire after it "
                                        "failed\n"));
}

TEST_CASE("a refusal says what, why and what to do", "[unit][client]") {
    CHECK(
        refusal(409, {"conflict", "job 6 is in the way", "wait", "6"}, verb::backup) ==
        "restpoint: refused: job 6 is in the way (409 conflict)\n  wait\n"
        "  'restpoint logs 6 --follow' shows the job in the way; --queue waits for it\n");
    CHECK(refusal(502, {}, verb::jobs) == "restpoint: the service answered with status 502\n");
}

TEST_CASE("a refusal speaks of commands, not of requests", "[unit][client]") {
    CHECK(
        refusal(401, {"token_missing", "this takes a token", "send a header", ""}, verb::expire) ==
        "restpoint: refused: this takes a token (401 token_missing)\n"
        "  RESTPOINT_TOKEN or --token-file shows a token; 'restpoint token create' makes one\n");
    CHECK_THAT(
        refusal(404, {"not_found", "there is no job 9", "", ""}, verb::cancel),
        EndsWith("  'restpoint jobs' lists those that there are\n"));
    CHECK_THAT(
        refusal(404, {"not_found", "there is no job 9", "", ""}, verb::logs),
        EndsWith("  'restpoint jobs' lists those that there are\n"));
    CHECK_THAT(
        refusal(404, {"not_found", "no schedule", "GET /api", ""}, verb::schedule_run),
        EndsWith("  'restpoint schedule list' lists those that there are\n"));
    CHECK_THAT(
        refusal(404, {"not_found", "no stanza", "this is for 'main'", ""}, verb::info),
        EndsWith("  this is for 'main'\n"));
}

TEST_CASE("a stanza is told with the reasons for its state", "[unit][client]") {
    CHECK(stanza_words({"main", "ok", {}}, colour::none) == "main: ok\n");
    CHECK(stanza_words({"main", "ok", {}}, colour::ansi) == "main: \x1b[32mok\x1b[0m\n");
    CHECK(
        stanza_words({"main", "degraded", {"WAL is missing", "it lags"}}, colour::none) ==
        "main: degraded\n  WAL is missing\n  it lags\n");
}

TEST_CASE("a server is told with what is known of it", "[unit][client]") {
    server there{"running", "", "primary", "15.14", 2, "0/7000000", true};
    const server away{.state = "stopped", .detail = "nobody listens"};

    CHECK(
        server_words(there) == "PostgreSQL is running\n"
                               "role       primary\n"
                               "version    15.14\n"
                               "timeline   2\n"
                               "position   0/7000000\n"
                               "archiving  fails\n");
    CHECK(server_words(away) == "PostgreSQL is stopped\n  nobody listens\n");
    CHECK(name_of({.kind = "postgres-restart"}) == "restart of PostgreSQL");
}
