#include "postgres/complaints.hpp"
#include "support/catch.hpp"

#include <string>

using namespace restpoint::postgres;

TEST_CASE("the last line that says something is found", "[postgres]") {
    CHECK(last_line("one\ntwo\n\n \n") == "two");
    CHECK(last_line("alone") == "alone");
    CHECK(last_line("").empty());
    CHECK(last_line(" \n\n").empty());
    CHECK(last_line("\x01" + std::string(1000, 'x')) == "?" + std::string(499, 'x'));
}

TEST_CASE("the last grave line of a server's log is found", "[postgres]") {
    const std::string log = "2026-11-22 UTC [7] LOG:  starting\n"
                            "2026-11-22 UTC [7] FATAL:  could not open \"a\"\n"
                            "2026-11-22 UTC [8] PANIC:  no checkpoint record\n"
                            "2026-11-22 UTC [7] LOG:  shutting down\n";

    CHECK(last_complaint(log) == "PANIC:  no checkpoint record");
    CHECK(
        last_complaint(log.substr(0, log.find("2026-11-22 UTC [8]"))) ==
        "FATAL:  could not open \"a\"");
    CHECK(last_complaint("PANIC: a\nFATAL: b") == "FATAL: b");
    CHECK(last_complaint("PANIC: a") == "PANIC: a");
    CHECK(last_complaint("LOG:  all is well\n").empty());
}
