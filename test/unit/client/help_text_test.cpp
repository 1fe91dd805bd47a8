#include "client/command_table.hpp"
#include "client/help_text.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <sstream>

using namespace restpoint;
using namespace restpoint::client;

TEST_CASE("the help names every command, every flag and every exit code", "[unit][client]") {
    const auto text = help_text();

    for (const auto& one : commands()) {
        CHECK_THAT(text, ContainsSubstring("\n  " + std::string(one.name)));
    }
    for (const auto& one : options()) {
        CHECK_THAT(text, ContainsSubstring(std::string(one.name)));
    }
    for (const auto* const word : {"job ID ", "130 ", "restpoint", "--version"}) {
        CHECK_THAT(text, ContainsSubstring(word));
    }
}

TEST_CASE("the help fits eighty columns, in plain ASCII", "[unit][client]") {
    std::istringstream lines(help_text());
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(line.size() <= 80);
        CHECK(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; }));
    }
}

TEST_CASE("a long text goes on below itself", "[unit][client]") {
    CHECK_THAT(
        help_text(),
        ContainsSubstring("  backup                takes a backup and shows it: --type "
                          "full|diff|incr,\n"
                          "                        --annotation KEY=VALUE, --repo N\n"));
}

TEST_CASE("the help of a command has its flags and no other", "[unit][client]") {
    const auto of_logs = help_text(verb::logs);

    CHECK_THAT(of_logs, StartsWith("restpoint logs ID: what pgBackRest said\n"));
    CHECK_THAT(of_logs, ContainsSubstring("--follow") && ContainsSubstring("--server URL"));
    CHECK(of_logs.find("--queue") == of_logs.npos);
    CHECK(of_logs.find("--output") == of_logs.npos);
}

TEST_CASE("what is no command is told what it may have been", "[unit][client]") {
    CHECK(command_hint("bakcup") == "did you mean 'backup'?");
    CHECK(command_hint("shedule") == "did you mean 'schedule'?");
    CHECK(command_hint("frobnicate") == "'restpoint --help' lists what there is");
}
