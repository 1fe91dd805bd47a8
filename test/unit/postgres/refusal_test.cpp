#include "postgres/refusal.hpp"
#include "support/catch.hpp"

using namespace restpoint::postgres;

TEST_CASE("the SQLSTATE is found in a verbose message of any language", "[unit][postgres]") {
    CHECK(
        sqlstate_of("connection to server on socket \"/tmp/.s.PGSQL.5432\" failed: FATAL:  57P03: "
                    "the database system is starting up\nLOCATION:  ProcessStartupPacket, "
                    "postmaster.c:2361\n") == "57P03");
    CHECK(
        sqlstate_of("Verbindung zum Server auf »127.0.0.1«, Port 5432 fehlgeschlagen: FATAL:  "
                    "28P01: Passwort-Authentifizierung für Benutzer »x« fehlgeschlagen\n") ==
        "28P01");
}

TEST_CASE("a message that is not the server's has no SQLSTATE", "[unit][postgres]") {
    CHECK_FALSE(sqlstate_of(""));
    CHECK_FALSE(sqlstate_of("connection to server at \"127.0.0.1\", port 1 failed: Connection "
                            "refused\n\tIs the server running on that host?"));
    CHECK_FALSE(sqlstate_of("FATAL:  the database system is starting up"));
    CHECK_FALSE(sqlstate_of("FATAL:  57P0"));
    CHECK_FALSE(sqlstate_of("FATAL:  57P03"));
    CHECK_FALSE(sqlstate_of("FATAL:  57p03: no"));
}

TEST_CASE(
    "a server that cannot answer now is starting, any other refusal is running",
    "[unit][postgres]") {
    CHECK(state_of_refusal("57P01") == server_state::starting);
    CHECK(state_of_refusal("57P02") == server_state::starting);
    CHECK(state_of_refusal("57P03") == server_state::starting);
    CHECK(state_of_refusal("28P01") == server_state::running); // invalid_password
    CHECK(state_of_refusal("28000") == server_state::running); // no pg_hba.conf entry
    CHECK(state_of_refusal("3D000") == server_state::running); // no such database
    CHECK(state_of_refusal("53300") == server_state::running); // too many connections
}

TEST_CASE("a message becomes one line without the place in the source", "[unit][postgres]") {
    CHECK(
        one_line("connection failed: FATAL:  57P03: starting up\nLOCATION:  ProcessStartupPacket, "
                 "postmaster.c:2361\n") == "connection failed: FATAL:  57P03: starting up");
    CHECK(one_line("refused\n\tIs the server running?\n") == "refused Is the server running?");
    CHECK(one_line("").empty());
    CHECK(one_line("\n\n").empty());
}

TEST_CASE("a state has a name", "[unit][postgres]") {
    CHECK(to_string(server_state::running) == "running");
    CHECK(to_string(server_state::starting) == "starting");
    CHECK(to_string(server_state::stopped) == "stopped");
    CHECK(to_string(server_state::unreachable) == "unreachable");
}
