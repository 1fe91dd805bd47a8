#include "api/restore_commands.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

const backrest::invocation how{"pgbackrest", "/etc/pgbackrest/pgbackrest.conf", "main"};

} // namespace

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

} // namespace restpoint::api
