#include "api/stanza_json.hpp"
#include "findings.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <limits>

using namespace restpoint;
using namespace restpoint::api;
using namespace restpoint::api::test;

namespace {

namespace json = boost::json;

json::value parsed(const std::string& text) {
    INFO(text);
    return json::parse(text);
}

/// Whether `name` is in `object` with this value, written as JSON.
void check_member(const json::value& object, const std::string& name, const std::string& value) {
    CAPTURE(name);
    const auto* const found = object.as_object().if_contains(name);
    REQUIRE(found != nullptr);
    CHECK(json::serialize(*found) == value);
}

} // namespace

TEST_CASE("a stanza that is well is told with what it has", "[api]") {
    circumstances of;
    of.rest.last_check = a_job(9, jobs::job_state::succeeded);
    of.rest.last_check->finished = of.info.taken;
    of.rest.last_backup = a_job(8, jobs::job_state::cancelled);
    of.rest.last_backup->spec.type = backrest::backup_type::full;
    const auto told = parsed(stanza_json(of.found()));

    check_member(told, "name", R"("main")");
    check_member(told, "state", R"("ok")");
    check_member(told, "reasons", "[]");
    check_member(told, "status", R"({"code":0,"name":"ok","message":"ok"})");
    check_member(told, "lock_held", "false");
    check_member(
        told, "databases",
        R"([{"id":1,"repo":1,"version":"15","system_id":"7711017977550890016"}])");
    check_member(
        told, "repos",
        R"([{"key":1,"cipher":"none","status":{"code":0,"name":"ok","message":"ok"},)"
        R"("backup_count":1,"backup_bytes":3062471}])");
    check_member(told, "backup_count", "1");
    check_member(told.at("newest_backup"), "label", R"("20261122-064235F")");
    check_member(told.at("window"), "timeline", "1");
    check_member(
        told, "archive",
        R"({"timeline":1,"live_lsn":"0/D000050","archived_lsn":"0/D000000","lag_bytes":80,)"
        R"("failing":false})");
    check_member(
        told, "last_runs",
        R"({"backup":{"id":"8","state":"cancelled","type":"full","finished":null},)"
        R"("check":{"id":"9","state":"succeeded","type":null,)"
        R"("finished":"2026-11-22T15:28:20.000Z"},"verify":null})");
    check_member(told, "taken", R"("2026-11-22T15:28:20.000Z")");
}

TEST_CASE("a stanza of which nothing is known is null where nothing is known", "[api]") {
    const auto told = parsed(stanza_json(stanza_findings{.name = "main"}));

    check_member(told, "state", R"("unknown")");
    for (const auto* name :
         {"status", "lock_held", "backup_count", "newest_backup", "window", "taken"}) {
        check_member(told, name, "null");
    }
    check_member(
        told, "archive",
        R"({"timeline":null,"live_lsn":null,"archived_lsn":null,"lag_bytes":null,"failing":null})");
    CHECK(told.at("reasons").as_array().size() == 3);
    check_member(told.at("reasons").at(0), "code", R"("info-unavailable")");
    check_member(told.at("reasons").at(0), "state", R"("unknown")");
}

TEST_CASE("the list of stanzas has the one there is", "[api]") {
    const auto told = parsed(stanza_list_json(circumstances().found()));

    REQUIRE(told.at("stanzas").as_array().size() == 1);
    check_member(told.at("stanzas").at(0), "name", R"("main")");
}

TEST_CASE("backups are told with all that info says of them, the newest first", "[api]") {
    circumstances of;
    of.stanza().backups.push_back(a_backup("20261122-064235F_20261122-070000I"));
    auto& second = of.stanza().backups[1];
    second.stop += 10;
    second.prior = "20261122-064235F";
    second.references = {"20261122-064235F"};
    second.annotations = {
        {"why", "a \xFF"
                "b"}};
    second.repo_size.reset();
    second.page_error.reset();
    const auto told = parsed(backup_list_json(of.found()));

    const auto& backups = told.at("backups").as_array();
    REQUIRE(backups.size() == 2);
    CHECK(
        json::serialize(backups[1]) ==
        R"({"label":"20261122-064235F","type":"full","prior":null,"references":[],)"
        R"("started":"2026-11-22T15:28:00.000Z","finished":"2026-11-22T15:28:06.000Z",)"
        R"("database_bytes":23213591,"delta_bytes":23213591,"repo_bytes":3062471,)"
        R"("repo_delta_bytes":3062471,"page_error":false,"from_wal":"000000010000000000000002",)"
        R"("to_wal":"000000010000000000000003","from_lsn":"0/2000028","to_lsn":"0/3000100",)"
        R"("database_id":1,"repo":1,"pgbackrest_version":"2.45","annotations":{}})");
    check_member(backups[0], "prior", R"("20261122-064235F")");
    check_member(backups[0], "references", R"(["20261122-064235F"])");
    check_member(backups[0], "repo_bytes", "null");
    check_member(backups[0], "page_error", "null");
    CHECK(json::serialize(backups[0].at("annotations")).find("why") != std::string::npos);
    check_member(told, "taken", R"("2026-11-22T15:28:20.000Z")");
    check_member(told, "stale", "false");
}

TEST_CASE("backups of which nothing is known are none, and stale", "[api]") {
    const auto told = parsed(backup_list_json({.name = "main"}));

    check_member(told, "backups", "[]");
    check_member(told, "stale", "true");
}

TEST_CASE("a backup is found by its label, in every repo", "[api]") {
    circumstances of;
    of.stanza().backups.push_back(a_backup());
    of.stanza().backups[1].repo = 2;
    const auto told = parsed(backup_json(of.found(), "20261122-064235F"));

    check_member(told, "repo", "1");
    check_member(told, "repos", "[1,2]");
    CHECK(backup_json(of.found(), "x").empty());
    CHECK(backup_json({.name = "main"}, "x").empty());
}

TEST_CASE("times beyond any clock are null", "[api]") {
    circumstances of;
    of.stanza().backups[0].start = 0;
    of.stanza().backups[0].stop = std::numeric_limits<std::int64_t>::max();
    const auto told = parsed(backup_json(of.found(), "20261122-064235F"));

    check_member(told, "started", "null");
    check_member(told, "finished", "null");
}

TEST_CASE("a repo whose backups do not tell their sizes has none", "[api]") {
    circumstances of;
    of.stanza().backups[0].repo_delta.reset();
    const auto told = parsed(stanza_json(of.found()));

    check_member(told.at("repos").at(0), "backup_bytes", "null");
}

TEST_CASE("the window tells each timeline and its gaps", "[api]") {
    circumstances of;
    of.timeline().gaps = {{{1, 0, 5}, {1, 0, 6}, 2, {{1, 0, 4}}, {}}};
    of.timeline().gap_count = 1;
    of.timeline().missing_count = 2;
    of.timeline().incomplete = {"A"};
    const auto told = parsed(window_json(*of.found().window.value()));

    REQUIRE(told.at("timelines").as_array().size() == 1);
    CHECK(
        json::serialize(told.at("timelines").at(0)) ==
        R"({"timeline":1,"parent":null,"history_known":true,"from":"2026-11-22T15:28:06.000Z",)"
        R"("to":"2026-11-22T15:28:16.000Z","from_lsn":"0/3000100","to_lsn":"0/D000000",)"
        R"("from_wal":"000000010000000000000002","to_wal":"00000001000000000000000C",)"
        R"("gaps":[{"first_missing":"000000010000000000000005",)"
        R"("last_missing":"000000010000000000000006","after":"000000010000000000000004",)"
        R"("before":null,"segments":2}],"gap_count":1,"missing_segments":2,)"
        R"("restorable":[{"backup":"20261122-064235F","from":"2026-11-22T15:28:06.000Z",)"
        R"("to":"2026-11-22T15:28:16.000Z","from_lsn":"0/3000100","to_lsn":"0/D000000",)"
        R"("from_wal":"000000010000000000000002","to_wal":"00000001000000000000000C"}],)"
        R"("incomplete_backups":["A"],"repo":1,"archive_id":"15-1"})");
    check_member(
        told, "archives",
        R"([{"repo":1,"archive_id":"15-1","database_id":1,"current":true,"error":null,)"
        R"("segment_bytes":16777216,"segment_bytes_from":"assumed","duplicate_count":0,)"
        R"("duplicates":[],"strange_names":0}])");
    check_member(told, "stale", "false");
}

TEST_CASE("an archive that could not be listed has a reason and no size", "[api]") {
    circumstances of;
    of.archive() = {{2, 1, "15-1", false}, {}, failure{errc::unavailable, "broken"}};
    of.window.stale = true;
    const auto told = parsed(window_json(*of.found().window.value()));

    check_member(told, "timelines", "[]");
    check_member(told.at("archives").at(0), "error", R"("broken")");
    check_member(told.at("archives").at(0), "segment_bytes", "null");
    check_member(told.at("archives").at(0), "segment_bytes_from", "null");
    check_member(told, "stale", "true");
}

TEST_CASE("a timeline without backups and segments has no ends", "[api]") {
    circumstances of;
    of.timeline() = {.timeline = 4, .parent = 3};
    const auto told = parsed(window_json(*of.found().window.value()));

    const auto& timeline = told.at("timelines").at(0);
    check_member(timeline, "parent", "3");
    for (const auto* name : {"from", "to", "from_lsn", "to_lsn", "from_wal", "to_wal"}) {
        check_member(timeline, name, "null");
    }
}

TEST_CASE("of thousands of duplicates a hundred are named", "[api]") {
    circumstances of;
    of.archive().window.duplicates.resize(2000);
    const auto told = parsed(window_json(*of.found().window.value()));

    check_member(told.at("archives").at(0), "duplicate_count", "2000");
    CHECK(told.at("archives").at(0).at("duplicates").as_array().size() == 100);
}

TEST_CASE("a stanza tells what its schedules do next, and did last", "[api]") {
    circumstances of;
    check_member(parsed(stanza_json(of.found())), "next_runs", "[]");
    check_member(parsed(stanza_json(of.found())), "last_scheduled", "null");
    const auto due = of.info.taken + std::chrono::hours{1};
    of.rest.next_runs = {
        {"nightly", "backup", backrest::backup_type::full, {due, due + std::chrono::minutes{1}}},
        {"checks", "check", {}, {due + std::chrono::hours{1}, due + std::chrono::hours{1}}}};
    of.rest.last_scheduled.emplace();
    of.rest.last_scheduled->what.schedule = "nightly";
    of.rest.last_scheduled->what.due = of.info.taken;
    of.rest.last_scheduled->what.job = 7;
    of.rest.last_scheduled->job_state = jobs::job_state::succeeded;
    const auto told = parsed(stanza_json(of.found()));

    const auto& next = told.at("next_runs").as_array();
    REQUIRE(next.size() == 2);
    CHECK(next[0].at("schedule") == "nightly");
    CHECK(next[0].at("action") == "backup");
    CHECK(next[0].at("type") == "full");
    CHECK(next[0].at("due").as_string() == rfc3339(due));
    CHECK(next[0].at("start").as_string() == rfc3339(due + std::chrono::minutes{1}));
    CHECK(next[1].at("type").is_null());
    const auto& last = told.at("last_scheduled");
    CHECK(last.at("schedule") == "nightly");
    CHECK(last.at("outcome") == "started");
    CHECK(last.at("job") == "7");
    CHECK(last.at("job_state") == "succeeded");
}

TEST_CASE("a repo that cannot be read has no count of backups", "[api]") {
    circumstances of;
    of.stanza().repos[0].status = {
        backrest::info_state::other, 99, "unable to connect to 's:1': Connection refused"};
    of.stanza().backups.clear();
    const auto told = parsed(stanza_json(of.found()));

    check_member(told, "backup_count", "null");
    check_member(told.at("repos").at(0), "backup_count", "null");
    check_member(told.at("repos").at(0), "backup_bytes", "null");
    CHECK_THAT(
        std::string(told.at("reasons").at(0).at("hint").as_string()),
        ContainsSubstring("nobody answers"));
}
