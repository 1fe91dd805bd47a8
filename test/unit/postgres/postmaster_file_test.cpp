#include "postgres/postmaster_file.hpp"
#include "support/catch.hpp"

using namespace restpoint::postgres;

TEST_CASE("postmaster.pid of a running server is read line by line", "[postgres]") {
    const auto file = parse_postmaster_file(
        "4242\n/srv/data\n1795400000\n5433\n/run/postgresql\nlocalhost\n  1234567         3\n"
        "ready   \n");

    REQUIRE(file.has_value());
    CHECK(
        *file == postmaster_file{4242, "/srv/data", 1795400000, 5433, "/run/postgresql", "ready"});
}

TEST_CASE("postmaster.pid of a server that has just begun says less", "[postgres]") {
    const auto file = parse_postmaster_file("4242\n/srv/data\n1795400000\n5433\n");

    REQUIRE(file.has_value());
    CHECK(*file == postmaster_file{4242, "/srv/data", 1795400000, 5433, "", ""});
}

TEST_CASE("a server in single-user mode has its pid behind a minus", "[postgres]") {
    const auto file = parse_postmaster_file("-77\n/srv/data\n");

    REQUIRE(file.has_value());
    CHECK(file->pid == 77);
}

TEST_CASE("what names no process is no postmaster.pid", "[postgres]") {
    for (const auto* text : {"", "\n", "0\n", "abc\n", "12x\n", "99999999999999999999\n"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_postmaster_file(text).has_value());
    }
}
