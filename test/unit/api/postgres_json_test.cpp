#include "api/postgres_json.hpp"
#include "findings.hpp"
#include "support/catch.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace json = boost::json;

namespace restpoint::api {
namespace {

using test::circumstances;

constexpr std::uint64_t ours = 7'711'017'977'550'890'016U;

postgres::server_report a_primary() {
    postgres::server_facts facts;
    facts.wal = {.position = 0xD000050, .timeline = 1, .segment_bytes = 16U << 20U};
    facts.wal.last_archived = "00000001000000000000000C";
    facts.wal.last_archived_at = wall_time{std::chrono::seconds{1'795'361'200}};
    facts.version = "15.14";
    facts.version_number = 150'014;
    facts.data_directory = "/data";
    facts.system_id = ours;
    facts.timeline = 1;
    facts.archive_mode = "on";
    facts.archive_command = true;
    facts.archived_count = 12;
    postgres::server_report told;
    told.status = {postgres::server_state::running, false, {}};
    told.facts = facts;
    return told;
}

json::object parsed(const postgres::server_report& told, const circumstances& of = {}) {
    return json::parse(postgres_json(told, of.found())).as_object();
}

json::value matches(const postgres::server_report& told, const circumstances& of = {}) {
    return parsed(told, of).at("stanza").at("matches");
}

} // namespace

TEST_CASE("a primary is told with its archiving and its stanza", "[unit][api]") {
    const auto o = parsed(a_primary());

    CHECK(o.at("state") == "running");
    CHECK(o.at("role") == "primary");
    CHECK(o.at("in_recovery") == false);
    CHECK(o.at("detail").is_null());
    CHECK(o.at("version") == "15.14");
    CHECK(o.at("data_directory") == "/data");
    CHECK(o.at("system_id") == "7711017977550890016");
    CHECK(o.at("timeline") == 1);
    CHECK(o.at("lsn") == "0/D000050");
    CHECK(o.at("archiving").at("mode") == "on");
    CHECK(o.at("archiving").at("command_set") == true);
    CHECK(o.at("archiving").at("library_set") == false);
    CHECK(o.at("archiving").at("last_archived") == "00000001000000000000000C");
    CHECK(o.at("archiving").at("last_archived_at") == "2026-11-22T15:26:40.000Z");
    CHECK(o.at("archiving").at("last_failed").is_null());
    CHECK(o.at("archive").at("lag_bytes") == 0x50);
    CHECK(o.at("stanza").at("name") == "main");
    CHECK(o.at("stanza").at("system_id") == "7711017977550890016");
    CHECK(o.at("stanza").at("matches") == true);
}

TEST_CASE("who holds a server stopped is told", "[unit][api]") {
    postgres::server_report held;
    held.status = {postgres::server_state::stopped, {}, "nobody listens"};
    CHECK(parsed(held).at("held_by").is_null());

    held.held_by = "20261122-225501-3f9a0c12";
    CHECK(parsed(held).at("held_by") == "20261122-225501-3f9a0c12");
}

TEST_CASE("a standby has the timeline of its last checkpoint", "[unit][api]") {
    auto told = a_primary();
    told.status.in_recovery = true;
    told.facts->wal.in_recovery = true;
    told.facts->wal.timeline = 0;
    told.facts->timeline = 3;

    CHECK(parsed(told).at("role") == "standby");
    CHECK(parsed(told).at("timeline") == 3);
    CHECK(parsed(told).at("archive").at("live_lsn").is_null());
}

TEST_CASE("a server that is away is told with the reason and nothing invented", "[unit][api]") {
    postgres::server_report away;
    away.status = {postgres::server_state::stopped, {}, "no such file"};
    const auto o = parsed(away);

    CHECK(o.at("state") == "stopped");
    CHECK(o.at("detail") == "no such file");
    for (const auto* member :
         {"role", "in_recovery", "version", "version_number", "started", "data_directory",
          "system_id", "timeline", "lsn", "wal_segment_bytes", "archiving"}) {
        CAPTURE(member);
        CHECK(o.at(member).is_null());
    }
    CHECK(o.at("stanza").at("matches").is_null());
    CHECK(o.at("stanza").at("version") == "15");
}

TEST_CASE("another cluster or another major version is not the stanza's", "[unit][api]") {
    auto other = a_primary();
    other.facts->system_id = 1;
    auto newer = a_primary();
    newer.facts->version_number = 160'001;
    auto old = a_primary();
    old.facts->version_number = 90'624;
    circumstances of_old;
    of_old.stanza().databases = {{1, 1, ours, "9.6"}};

    CHECK(matches(other) == false);
    CHECK(matches(newer) == false);
    CHECK(matches(old, of_old) == true);
}

TEST_CASE("of each repo the newest cluster counts, and all must be the server's", "[unit][api]") {
    circumstances of;
    of.stanza().databases = {{1, 1, 1, "14"}, {2, 1, ours, "15"}, {1, 2, ours, "15"}};
    CHECK(matches(a_primary(), of) == true);
    of.stanza().databases.push_back({2, 2, 1, "15"});
    CHECK(matches(a_primary(), of) == false);
    of.stanza().databases.clear();
    CHECK(matches(a_primary(), of).is_null());
    of.info.stanzas.clear();
    CHECK(matches(a_primary(), of).is_null());
}

} // namespace restpoint::api
