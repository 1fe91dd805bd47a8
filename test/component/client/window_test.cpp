#include "component/client/scripted_server.hpp"
#include "component/config/program.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using test::json_answer;
using test::run_restpoint;
using test::scripted_server;

namespace {

std::string window(const std::string& gaps) {
    return R"({"timelines":[{"timeline":1,"repo":1,"archive_id":"15-1","gaps":[)" + gaps +
           R"(],"restorable":[{"backup":"20261122-163000F","from":"2026-11-22T16:30:03Z",
           "to":"2026-11-22T17:10:00Z"}],"incomplete_backups":[]}],"archives":[]})";
}

const std::string gap =
    R"({"first_missing":"000000010000000000000004","last_missing":"000000010000000000000004"})";

} // namespace

TEST_CASE("a window without a gap is good", "[component][client]") {
    scripted_server server({json_answer("200 OK", window(""))});

    const auto ended = run_restpoint({"window", "--stanza=demo", server.flag()});

    CHECK(ended.exit_code == 0);
    CHECK_THAT(ended.out, EndsWith("demo: no gap: every moment in the window can be restored\n"));
    CHECK_THAT(server.requests().at(0), StartsWith("GET /api/v1/stanzas/demo/window "));
}

TEST_CASE("a gap is exit code 1, in words and as JSON", "[component][client]") {
    scripted_server server(
        {json_answer("200 OK", window(gap)), json_answer("200 OK", window(gap))});

    const auto told = run_restpoint({"window", server.flag()});
    const auto json = run_restpoint({"window", "--output=json", server.flag()});

    CHECK(told.exit_code == 1);
    CHECK_THAT(told.out, ContainsSubstring("  missing   WAL 000000010000000000000004\n"));
    CHECK(json.exit_code == 1);
    CHECK(json.out == window(gap) + '\n');
}

TEST_CASE("what is no window is an answer that cannot be understood", "[component][client]") {
    scripted_server server({json_answer("200 OK", "{}")});

    const auto ended = run_restpoint({"window", server.flag()});

    CHECK(ended.exit_code == 4);
    CHECK_THAT(ended.err, ContainsSubstring("no window"));
}
