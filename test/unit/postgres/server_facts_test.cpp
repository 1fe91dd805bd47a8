#include "postgres/server_facts.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace restpoint;
using namespace restpoint::postgres;

namespace {

using row = std::vector<std::string>;

row wal_row() {
    return {
        "f",
        "218104176",
        "0000000A",
        "16777216",
        "t",
        "000000010000000000000004",
        "000000010000000000000003",
        "1795373309123456"};
}

row server_row() {
    auto whole = wal_row();
    const row rest{
        "15.14 (Debian 15.14-0+deb12u1)",
        "150014",
        "1795373300000000",
        "/var/lib/postgresql/15/main",
        "7711017977550890016",
        "10",
        "on",
        "t",
        "f",
        "12",
        "3",
        "1795373308000000",
        ""};
    whole.insert(whole.end(), rest.begin(), rest.end());
    return whole;
}

wall_time at(std::int64_t us) {
    return wall_time{std::chrono::microseconds{us}};
}

} // namespace

TEST_CASE("where a server stands in its WAL is read from its row", "[unit][postgres]") {
    const auto facts = read_wal_facts(wal_row());

    REQUIRE(facts);
    CHECK_FALSE(facts->in_recovery);
    CHECK(facts->position == 218104176);
    CHECK(facts->timeline == 10);
    CHECK(facts->segment_bytes == 16777216);
    CHECK(facts->archiving_fails);
    CHECK(facts->last_failed_segment == "000000010000000000000004");
    CHECK(facts->last_archived == "000000010000000000000003");
    CHECK(facts->last_archived_at == at(1795373309123456));
}

TEST_CASE("all that a server says of itself is read from its row", "[unit][postgres]") {
    const auto facts = read_server_facts(server_row());

    REQUIRE(facts);
    CHECK(facts->wal == read_wal_facts(wal_row()));
    CHECK(facts->version == "15.14 (Debian 15.14-0+deb12u1)");
    CHECK(facts->version_number == 150014);
    CHECK(facts->started == at(1795373300000000));
    CHECK(facts->data_directory == "/var/lib/postgresql/15/main");
    CHECK(facts->system_id == 7711017977550890016U);
    CHECK(facts->timeline == 10);
    CHECK(facts->archive_mode == "on");
    CHECK(facts->archive_command);
    CHECK_FALSE(facts->archive_library);
    CHECK(facts->archived_count == 12);
    CHECK(facts->failed_count == 3);
    CHECK(facts->last_failed_at == at(1795373308000000));
    CHECK_FALSE(facts->counted_since);
}

TEST_CASE("a role that may not see the data directory sees the rest", "[unit][postgres]") {
    auto told = server_row();
    told[11].clear();

    const auto facts = read_server_facts(told);

    REQUIRE(facts);
    CHECK_FALSE(facts->data_directory);
}

TEST_CASE("a standby has no timeline that it writes", "[unit][postgres]") {
    auto told = server_row();
    told[0] = "t";
    told[2].clear();

    const auto facts = read_server_facts(told);

    REQUIRE(facts);
    CHECK(facts->wal.in_recovery);
    CHECK(facts->wal.timeline == 0);
    CHECK(facts->timeline == 10);
}

TEST_CASE("a row that is not an answer is none", "[unit][postgres]") {
    const auto column = GENERATE(1, 2, 3, 7, 9, 10, 12, 13, 17, 18, 19, 20);
    CAPTURE(column);
    auto told = server_row();
    told[static_cast<std::size_t>(column)] = "x";

    CHECK_FALSE(read_server_facts(told));
    CHECK_FALSE(read_server_facts(wal_row()));
    CHECK_FALSE(read_wal_facts(server_row()));
}

TEST_CASE("each question asks for as much as its answer has", "[unit][postgres]") {
    CHECK_THAT(wal_question(), EndsWith("from pg_catalog.pg_stat_archiver"));
    CHECK_THAT(server_question(), EndsWith("from pg_catalog.pg_stat_archiver"));
    CHECK_THAT(server_question(), ContainsSubstring("pg_control_system"));
    CHECK_THAT(wal_question(), !ContainsSubstring("pg_control_system"));
}
