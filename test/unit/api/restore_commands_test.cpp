#include "api/restore_commands.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

const backrest::invocation how{"pgbackrest", "/etc/pgbackrest/pgbackrest.conf", "main"};

} // namespace

TEST_CASE("the latest point is restored with --delta", "[unit][api]") {
    CHECK(
        advise_delta(how).command ==
        "pgbackrest --config=/etc/pgbackrest/pgbackrest.conf --stanza=main --delta restore");
}

TEST_CASE("named databases are never restored over the live server", "[unit][api]") {
    const auto advice =
        advise_databases(how, get("/", {}, {{"name", "shop"}, {"name", "my shop"}}));

    CHECK_THAT(advice.command, ContainsSubstring("--db-include=shop"));
    CHECK_THAT(advice.command, ContainsSubstring("my shop"));
    CHECK_THAT(advice.command, ContainsSubstring("--pg1-path=/path/to/an/empty/directory"));
    CHECK_THAT(advice.command, !ContainsSubstring("--delta"));
    CHECK_THAT(advice.warning, ContainsSubstring("empties every other database"));
}

TEST_CASE("a name that is none is not taken into the command", "[unit][api]") {
    const auto advice = advise_databases(
        how, get("/", {}, {{"name", ""}, {"name", "line\nbreak"}, {"name", std::string(64, 'x')}}));

    CHECK_THAT(advice.command, ContainsSubstring("--db-include=NAME"));
    CHECK_THAT(advice.command, !ContainsSubstring("break") && !ContainsSubstring("xxx"));
}

TEST_CASE("a name cannot leave its quotes in a shell", "[unit][api]") {
    const auto advice = advise_databases(how, get("/", {}, {{"name", "x'; rm -rf / #"}}));

    CHECK_THAT(advice.command, ContainsSubstring(R"(x'\''; rm -rf / #)"));
}

TEST_CASE("a point in time is told as pgBackRest takes it", "[unit][api]") {
    const auto advice = advise_time(how, get("/", {}, {{"target", "2026-11-22T10:30:00.5+02:00"}}));

    CHECK_THAT(
        advice.command, ContainsSubstring("--type=time '--target=2026-11-22 08:30:00.500+00'"));
}

TEST_CASE("without a point in time the end of the archive is the target", "[unit][api]") {
    const auto* const target = GENERATE("", "yesterday", "2026-11-22 10:30:00", "<script>");
    const auto advice = advise_time(how, get("/", {}, {{"target", target}}));

    CHECK_THAT(advice.command, ContainsSubstring("--type=default"));
    CHECK_THAT(advice.command, !ContainsSubstring("--target="));
}

} // namespace restpoint::api
