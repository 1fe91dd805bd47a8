#include "postgres/agent_protocol.hpp"
#include "support/catch.hpp"

#include <string>

using namespace restpoint;
using namespace restpoint::postgres;

TEST_CASE("a question to an agent is read as it was written", "[postgres]") {
    for (const auto verb :
         {agent_verb::status, agent_verb::start, agent_verb::stop, agent_verb::hold,
          agent_verb::release}) {
        const auto line =
            to_line(agent_question{.verb = verb, .mode = stop_mode::immediate, .holder = "job-7"});
        CAPTURE(line);
        CHECK(line.back() == '\n');
        const auto read = parse_agent_question(line);
        REQUIRE(read.has_value());
        CHECK(read->verb == verb);
        CHECK(read->holder == "job-7");
        CHECK(read->mode == (verb == agent_verb::stop ? stop_mode::immediate : stop_mode::fast));
    }
    CHECK(
        to_line(agent_question{.verb = agent_verb::stop}) ==
        "{\"do\":\"stop\",\"mode\":\"fast\"}\n");
    CHECK(parse_agent_question("{\"do\":\"stop\",\"mode\":\"fast\"}").has_value());
}

TEST_CASE("what an agent does not do is refused in words", "[postgres]") {
    for (const std::string line :
         {"", "nonsense", "[]", "{}", "{\"do\":\"explode\"}", "{\"do\":7}",
          "{\"do\":\"stop\",\"mode\":\"smart\"}", "{\"do\":\"hold\"}",
          "{\"do\":\"release\",\"holder\":\"\"}", "{\"do\":\"hold\",\"holder\":\"a b\"}",
          "{\"do\":\"start\",\"holder\":\"a/b\"}"}) {
        CAPTURE(line);
        const auto read = parse_agent_question(line);
        REQUIRE(read.has_error());
        CHECK(read.error().code == errc::invalid);
        CHECK_FALSE(read.error().detail.empty());
    }
    CHECK(is_holder(std::string(100, 'x')));
    CHECK_FALSE(is_holder(std::string(101, 'x')));
}

TEST_CASE("an agent's answer is read as it was written", "[postgres]") {
    for (const auto state :
         {run_state::running, run_state::stopped, run_state::starting, run_state::unknown}) {
        const auto read = parse_agent_answer(
            to_line(agent_answer{state, 77, "job-7", "held\xff", {"postgres: archiver", "x"}}));
        REQUIRE(read.has_value());
        CHECK(read->state == state);
        CHECK(read->pid == 77);
        CHECK(read->holder == "job-7");
        CHECK(read->note == "held\xEF\xBF\xBD");
        CHECK(read->titles == std::vector<std::string>{"postgres: archiver", "x"});
    }
    const auto bare = parse_agent_answer("{\"ok\":true,\"processes\":[1],\"pid\":\"x\"}");
    REQUIRE(bare.has_value());
    CHECK(bare->state == run_state::unknown);
    CHECK(bare->pid == 0);
    CHECK(bare->titles == std::vector<std::string>{""});
    CHECK(parse_agent_answer("{\"ok\":true}").has_value());
}

TEST_CASE("an agent's failure keeps its code and its words", "[postgres]") {
    const auto read =
        parse_agent_answer(to_line(failure{errc::conflict, "held by 'job-7'", "release it"}));
    const auto other = parse_agent_answer(to_line(failure{errc::gone, "odd", ""}));

    REQUIRE(read.has_error());
    CHECK(read.error() == failure{errc::conflict, "held by 'job-7'", "release it"});
    REQUIRE(other.has_error());
    CHECK(other.error().code == errc::unavailable);
    CHECK(parse_agent_answer("{}").has_error());
    CHECK(parse_agent_answer("HTTP/1.1 400").has_error());
}
