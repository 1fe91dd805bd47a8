#include "client/restore_plan.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::client;

namespace {

constexpr auto good = R"({"id": "a1", "digest": "d1", "stanza": "main",
    "target": {"type": "time", "value": "2026-11-22T08:30:00.000000Z"}, "can_be_carried_out": true,
    "repo": 1, "timeline": 2, "set": "20261122-064235F",
    "wal": {"from": "000000020000000000000005", "to": "000000020000000000000009"},
    "bytes": 34100000, "room": {"free_bytes": 1200000000, "data_bytes": 1}, "way": "beside",
    "data_directory": "/pg/data", "expected_s": 12, "expected_downtime_s": 1,
    "lost": {"from": "2026-11-22T08:30:00.000Z", "until": "2026-11-22T09:00:00.000Z",
             "wal_bytes": 48000000},
    "refusals": [], "warnings": ["replication slots are lost: a"],
    "commands": ["# 1.", "pgbackrest restore"]})";

constexpr auto refused = R"({"id": "a2", "digest": "d2", "stanza": "main",
    "target": {"type": "latest", "value": null}, "can_be_carried_out": false, "repo": null,
    "timeline": null, "set": null, "wal": {"from": null, "to": null}, "bytes": null, "room": null,
    "way": null, "expected_s": null, "lost": {}, "warnings": [], "commands": [],
    "refusals": [
      {"code": "commits_missing", "message": "WAL is missing", "can_be_acknowledged": true,
       "hint": "GET /api/v1/stanzas/NAME/window shows the gaps"},
      {"code": "stop_file", "message": "it was stopped", "hint": null}]})";

restore_plan plan(const char* json) {
    return parse_plan(json).value();
}

} // namespace

TEST_CASE("a plan is shown as what is done and what is lost", "[unit][client]") {
    CHECK(
        plan_words(plan(good)) ==
        "restore of main to 2026-11-22T08:30:00.000000Z\n"
        "  set       20261122-064235F in repo 1\n"
        "  timeline  2\n"
        "  WAL       000000020000000000000005 to 000000020000000000000009\n"
        "  writes    34.1 MB beside /pg/data, 1.2 GB are free\n"
        "  takes     about 12.0 s, of which the server is down for about 1.0 s\n"
        "  loses     commits after 2026-11-22T08:30:00.000Z, up to 2026-11-22T09:00:00.000Z: "
        "48.0 MB of WAL\n"
        "  note      replication slots are lost: a\n");
    CHECK(plan(good).can_be_carried_out);
    CHECK(runbook_words(plan(good)) == "# 1.\npgbackrest restore\n");
}

TEST_CASE("a refused plan says why, and what to do at a command line", "[unit][client]") {
    CHECK(
        plan_words(plan(refused)) ==
        "restore of main to the end of the WAL\n"
        "  set       none\n"
        "  takes     not known: no restore has been made yet that would tell\n"
        "  refused   WAL is missing (commits_missing)\n"
        "            'restpoint window' shows the gaps\n"
        "            --acknowledge=commits_missing says that you know\n"
        "  refused   it was stopped (stop_file)\n");
    CHECK(runbook_words(plan(refused)).empty());
}

TEST_CASE("each target and each way has its words", "[unit][client]") {
    auto what = plan(good);
    what.target_type = "lsn";
    what.target_value = "0/16B3748";
    what.way = "in_place";
    what.repo.reset();
    what.free_bytes.reset();
    what.expected_downtime_seconds.reset();
    what.lost_from.clear();
    const auto text = plan_words(what);
    CHECK_THAT(text, ContainsSubstring("restore of main to lsn 0/16B3748\n"));
    CHECK_THAT(text, ContainsSubstring("writes    34.1 MB over /pg/data\n"));
    CHECK_THAT(text, ContainsSubstring("set       20261122-064235F\n"));
    CHECK_THAT(text, ContainsSubstring("takes     about 12.0 s\n"));
    CHECK_THAT(text, ContainsSubstring("loses     48.0 MB of WAL\n"));

    what.target_type = "immediate";
    what.way.clear();
    what.lost_from = "2026-11-22T08:30:00.000Z";
    what.lost_until.clear();
    what.lost_wal.reset();
    CHECK_THAT(plan_words(what), ContainsSubstring("to the end of the backup\n"));
    CHECK_THAT(plan_words(what), ContainsSubstring("34.1 MB for /pg/data\n"));
    CHECK_THAT(plan_words(what), ContainsSubstring("commits after 2026-11-22T08:30:00.000Z\n"));
    what.data_directory.clear();
    CHECK_THAT(plan_words(what), ContainsSubstring("writes    34.1 MB\n"));
}

TEST_CASE("what is no plan is refused", "[unit][client]") {
    CHECK(!parse_plan("[]"));
    CHECK(!parse_plan("{}"));
    CHECK(!parse_plan(R"({"id": "a"})"));
}
