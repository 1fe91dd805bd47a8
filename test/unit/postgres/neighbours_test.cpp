#include "postgres/neighbours.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::postgres;

namespace {
using strings = std::vector<std::string>;
}

TEST_CASE("a server says who follows it", "[postgres]") {
    const strings row{
        "1795000000000001", "1794999999000000",   "Patroni",   R"(["replica1", "replica \"2\""])",
        R"(["reports"])",   R"(["a","reports"])", R"(["tx"])", R"(["/fast"])"};
    const auto told = read_neighbours(row).value();
    CHECK(told.now == wall_time{std::chrono::microseconds{1795000000000001}});
    CHECK(told.last_commit == wall_time{std::chrono::seconds{1794999999}});
    CHECK(told.manager == "Patroni");
    CHECK(told.standbys == strings{"replica1", "replica \"2\""});
    CHECK(told.subscribers == strings{"reports"});
    CHECK(told.slots == strings{"a", "reports"});
    CHECK(told.prepared == strings{"tx"});
    CHECK(told.tablespaces == strings{"/fast"});
}

TEST_CASE("a server that nobody follows says so by nulls", "[postgres]") {
    const auto told = read_neighbours(strings{"1795000000000000", "", "", "", "", "", "", ""});
    REQUIRE(told.has_value());
    CHECK_FALSE(told->last_commit.has_value());
    CHECK(told->manager.empty());
    CHECK(told->standbys.empty());
}

TEST_CASE("what is no answer to the question is none", "[postgres]") {
    CHECK_FALSE(read_neighbours(strings{}).has_value());
    CHECK_FALSE(read_neighbours(strings{"x", "", "", "", "", "", "", ""}).has_value());
    CHECK_FALSE(read_neighbours(strings{"1", "", "", "{}", "", "", "", ""}).has_value());
    CHECK_FALSE(read_neighbours(strings{"1", "", "", "", "[1]", "", "", ""}).has_value());
    CHECK_FALSE(read_neighbours(strings{"1", "", "", "", "", "[", "", ""}).has_value());
    CHECK_THAT(neighbours_question(), ContainsSubstring("pg_stat_replication"));
}
