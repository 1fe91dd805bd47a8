#include "component/client/scripted_server.hpp"
#include "component/config/program.hpp"
#include "support/catch.hpp"

#include <regex>

using namespace restpoint;
using test::json_answer;
using test::run_restpoint;
using test::scripted_server;

namespace {

const std::string job =
    R"({"id":"7","kind":"backup","stanza":"main","type":"full","state":"queued"})";
const std::string cut;

std::string key_of(const std::string& request) {
    std::smatch found;
    return std::regex_search(request, found, std::regex("\r\nIdempotency-Key: ([!-~]+)\r\n"))
               ? found[1].str()
               : "";
}

} // namespace

TEST_CASE("a lost answer is asked for under the same key", "[component][client]") {
    scripted_server server({cut, json_answer("202 Accepted", job)});

    const auto ended = run_restpoint({"backup", "--type=full", "--no-wait", server.flag()});

    CHECK(ended.exit_code == 0);
    CHECK(ended.out == "7\n");
    const auto& requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK_THAT(requests[0], StartsWith("POST /api/v1/stanzas/main/backups HTTP/1.1\r\n"));
    CHECK_THAT(requests[0], EndsWith(R"({"type":"full"})"));
    CHECK(requests[0] == requests[1]);
    CHECK(key_of(requests[0]).size() == 32);
}

TEST_CASE("each command has a key of its own", "[component][client]") {
    scripted_server server({json_answer("202 Accepted", job), json_answer("202 Accepted", job)});

    CHECK(run_restpoint({"check", "--no-wait", server.flag()}).exit_code == 0);
    CHECK(run_restpoint({"check", "--no-wait", server.flag()}).exit_code == 0);

    const auto& requests = server.requests();
    REQUIRE(requests.size() == 2);
    CHECK(key_of(requests[0]) != key_of(requests[1]));
}

TEST_CASE(
    "an answer that is lost twice leaves the outcome open, and says so", "[component][client]") {
    scripted_server server({cut, "HTTP/1.1 202 Acc"});

    const auto ended = run_restpoint({"backup", "--no-wait", server.flag()});

    CHECK(ended.exit_code == 4);
    CHECK(ended.out.empty());
    CHECK_THAT(
        ended.err, ContainsSubstring("whether the service took it on is unknown: "
                                     "'restpoint jobs' tells"));
    CHECK(server.requests().size() == 2);
}

TEST_CASE("what was refused is not asked again", "[component][client]") {
    scripted_server server({json_answer(
        "409 Conflict", R"({"code":"conflict","detail":"job 6 is in the way","job":"6"})")});

    const auto ended = run_restpoint({"backup", server.flag()});

    CHECK(ended.exit_code == 3);
    CHECK_THAT(ended.err, ContainsSubstring("job 6 is in the way"));
    CHECK(server.requests().size() == 1);
}

TEST_CASE("looking is not asked again, and has no key", "[component][client]") {
    scripted_server server({cut, json_answer("200 OK", R"({"jobs":[]})")});

    const auto ended = run_restpoint({"jobs", server.flag()});

    CHECK(ended.exit_code == 4);
    const auto& requests = server.requests();
    REQUIRE(requests.size() == 1);
    CHECK(key_of(requests[0]).empty());
}

TEST_CASE(
    "a cancel whose answer was lost waits for the end that it brought", "[component][client]") {
    const std::string events =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
        "event: state\ndata: {\"id\":\"7\",\"kind\":\"backup\",\"stanza\":\"main\","
        "\"type\":\"full\",\"state\":\"cancelled\"}\n\n";
    scripted_server server(
        {cut, json_answer("409 Conflict", R"({"code":"conflict","detail":"job 7 is over"})"),
         events});

    const auto ended = run_restpoint({"cancel", "7", server.flag()});

    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.out, StartsWith("job 7: full backup of main cancelled"));
    CHECK(server.requests().size() == 3);
}
