#include "process/stat_line.hpp"
#include "support/catch.hpp"

#include <unistd.h>

#include <string>

using namespace restpoint::process;

namespace {

const std::string after_name =
    " S 1 4242 4241 0 -1 4194560 1234 5 6 7 11 12 13 14 20 0 1 0 987654321 1000 200 "
    "18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 0 0 0 0 0 0\n";

stat_line expected() {
    return {
        .pid = 4242,
        .state = 'S',
        .parent = 1,
        .group = 4242,
        .session = 4241,
        .start_ticks = 987654321};
}

} // namespace

TEST_CASE("a stat line is read field by field", "[process]") {
    CHECK(parse_stat_line("4242 (pgbackrest)" + after_name) == expected());
}

TEST_CASE("a process may not lie about its fields by its name", "[process]") {
    for (const std::string name :
         {"", " ", ")", "(", "a b", ") R 1 1 1", "x) Z 9 9 9 0 -1", "((()))", "line\nfeed", ") (",
          "tmux: server"}) {
        CAPTURE(name);
        CHECK(parse_stat_line("4242 (" + name + ")" + after_name) == expected());
    }
}

TEST_CASE("what is no stat line is refused", "[process]") {
    const std::string whole = "4242 (x)" + after_name;
    const auto start = whole.find("987654321");
    REQUIRE(start != std::string::npos);

    CHECK_FALSE(parse_stat_line(""));
    CHECK_FALSE(parse_stat_line(")"));
    CHECK_FALSE(parse_stat_line("4242"));
    CHECK_FALSE(parse_stat_line("4242 (x"));
    CHECK_FALSE(parse_stat_line("x (x)" + after_name));
    CHECK_FALSE(parse_stat_line("4242 (x) SS 1 4242 4241"));
    for (std::size_t cut = 0; cut < start; ++cut) {
        CAPTURE(cut);
        CHECK_FALSE(parse_stat_line(whole.substr(0, cut)));
    }
}

TEST_CASE("zombies and the dead are told from the living", "[process]") {
    for (const char state : {'R', 'S', 'D', 'T', 't', 'I', 'P', 'W'}) {
        CAPTURE(state);
        CHECK_FALSE(stat_line{.state = state}.is_dead());
    }
    for (const char state : {'Z', 'X', 'x'}) {
        CAPTURE(state);
        CHECK(stat_line{.state = state}.is_dead());
    }
}

TEST_CASE("what is no process has no line", "[process]") {
    CHECK_FALSE(read_stat_line(0));
}

TEST_CASE("the line of a live process is its own", "[process]") {
    const auto line = read_stat_line(::getpid());

    REQUIRE(line);
    CHECK(line->pid == ::getpid());
    CHECK(line->parent == ::getppid());
    CHECK(line->group == ::getpgrp());
    CHECK(line->session == ::getsid(0));
    CHECK(line->start_ticks > 0);
    CHECK_FALSE(line->is_dead());
}
