#include "component/client/scripted_server.hpp"
#include "component/config/program.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using test::json_answer;
using test::run_restpoint;
using test::scripted_server;

namespace {

const std::string backups = R"({"backups":[{"label":"20261122-163000F","type":"full","repo":1}]})";

} // namespace

TEST_CASE("info tells how the stanza is, and its backups", "[component][client]") {
    scripted_server server(
        {json_answer("200 OK", R"({"name":"main","state":"degraded","reasons":[
                 {"code":"wal-gap","message":"WAL is missing"}]})"),
         json_answer("200 OK", backups)});

    const auto ended = run_restpoint({"info", server.flag()});

    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.out, StartsWith("main: degraded\n  WAL is missing\nLABEL "));
    CHECK_THAT(ended.out, ContainsSubstring("20261122-163000F"));
    CHECK_THAT(server.requests().at(0), StartsWith("GET /api/v1/stanzas/main HTTP/1.1\r\n"));
    CHECK_THAT(server.requests().at(1), StartsWith("GET /api/v1/stanzas/main/backups "));
}

TEST_CASE("info as JSON is the list of backups as it came", "[component][client]") {
    scripted_server server({json_answer("200 OK", backups)});

    const auto ended = run_restpoint({"info", "--output=json", server.flag()});

    CHECK(ended.exit_code == 0);
    CHECK(ended.out == backups + '\n');
    CHECK(server.requests().size() == 1);
}

TEST_CASE("a stanza that there is not is refused once", "[component][client]") {
    scripted_server server(
        {json_answer("404 Not Found", R"({"code":"not_found","detail":"there is no stanza 'x' here",
                             "hint":"this service stands for 'main'"})")});

    const auto ended = run_restpoint({"info", "--stanza=x", server.flag()});

    CHECK(ended.exit_code == 3);
    CHECK(ended.out.empty());
    CHECK_THAT(ended.err, ContainsSubstring("no stanza 'x'") && ContainsSubstring("'main'"));
    CHECK(server.requests().size() == 1);
}
