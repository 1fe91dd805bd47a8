#include "postgres/agent_rules.hpp"
#include "support/catch.hpp"

#include <csignal>

using namespace restpoint::postgres;

TEST_CASE("an agent waits for its server, whatever is wanted", "[postgres]") {
    for (unsigned bits = 0; bits < 32; ++bits) {
        CAPTURE(bits);
        CHECK(
            next_agent_step(
                {.leaving = (bits & 1U) != 0,
                 .server_runs = true,
                 .others_run = (bits & 2U) != 0,
                 .wants_running = (bits & 4U) != 0,
                 .ended_by_itself = (bits & 8U) != 0,
                 .is_held = (bits & 16U) != 0}) == agent_step::wait);
    }
}

TEST_CASE("an agent that was told to end does so with its server", "[postgres]") {
    for (unsigned bits = 0; bits < 16; ++bits) {
        CAPTURE(bits);
        CHECK(
            next_agent_step(
                {.leaving = true,
                 .others_run = (bits & 1U) != 0,
                 .wants_running = (bits & 2U) != 0,
                 .ended_by_itself = (bits & 4U) != 0,
                 .is_held = (bits & 8U) != 0}) == agent_step::leave);
    }
}

TEST_CASE("a server that ends by itself takes its agent along unless it is held", "[postgres]") {
    for (const bool others : {false, true}) {
        CHECK(
            next_agent_step({.others_run = others, .ended_by_itself = true}) == agent_step::leave);
        CHECK(
            next_agent_step({.others_run = others, .ended_by_itself = true, .is_held = true}) ==
            agent_step::stay);
    }
}

TEST_CASE("nothing is started beside what an earlier server has left", "[postgres]") {
    for (const bool wanted : {false, true}) {
        CHECK(next_agent_step({.others_run = true, .wants_running = wanted}) == agent_step::clear);
    }
    CHECK(
        next_agent_step({.others_run = true, .wants_running = false, .ended_by_itself = true}) ==
        agent_step::clear);
}

TEST_CASE("with nobody there the last order counts", "[postgres]") {
    for (const bool held : {false, true}) {
        CHECK(next_agent_step({.is_held = held}) == agent_step::start);
        CHECK(next_agent_step({.wants_running = false, .is_held = held}) == agent_step::wait);
        CHECK(
            next_agent_step({.wants_running = false, .ended_by_itself = true, .is_held = held}) ==
            agent_step::wait);
    }
}

TEST_CASE("an exit code is the child's, or 128 and its signal", "[postgres]") {
    CHECK(exit_code_of(0) == 0);
    CHECK(exit_code_of(3 << 8) == 3);
    CHECK(exit_code_of(SIGKILL) == 137);
}
