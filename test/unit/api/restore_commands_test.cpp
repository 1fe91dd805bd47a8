#include "api/restore_commands.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

namespace restpoint::api {
namespace {

const backrest::invocation how{"pgbackrest", "/etc/pgbackrest/pgbackrest.conf", "main"};

} // namespace

TEST_CASE("a single database is brought to a directory of its own", "[unit][api]") {
    const std::vector<std::string> names{"shop", "my shop"};
    const auto advice = advise_databases(how, names);

    CHECK_THAT(advice.command, ContainsSubstring("--db-include=shop"));
    CHECK_THAT(advice.command, ContainsSubstring("'--db-include=my shop'"));
    CHECK_THAT(advice.command, ContainsSubstring("--pg1-path=/path/to/an/empty/directory"));
    CHECK_THAT(advice.command, !ContainsSubstring("--delta"));
    CHECK_THAT(advice.warning, ContainsSubstring("can be undone"));
}

TEST_CASE("a name cannot leave its quotes in a shell", "[unit][api]") {
    const std::vector<std::string> names{"x'; rm -rf / #"};
    CHECK_THAT(advise_databases(how, names).command, ContainsSubstring(R"(x'\''; rm -rf / #)"));
}

TEST_CASE("databases are named once or repeatedly, each counted once", "[unit][api]") {
    const auto names = database_names(
        get("/", {}, {{"name", "a"}, {"wait", "true"}, {"name", "b"}, {"name", "a"}}));
    CHECK(names.value() == std::vector<std::string>{"a", "b"});
    CHECK(quoted_list(std::vector<std::string>{"a"}) == "database 'a'");
    CHECK(quoted_list(std::vector<std::string>{"a", "b", "c"}) == "databases 'a', 'b' and 'c'");
}

TEST_CASE("without a name, or with one that is none, no database is meant", "[unit][api]") {
    CHECK_FALSE(database_names(get("/", {}, {})).has_value());
    for (const auto* const name : {"", "line\nbreak", "\xFF"}) {
        CHECK_FALSE(database_names(get("/", {}, {{"name", name}})).has_value());
    }
    CHECK_FALSE(database_names(get("/", {}, {{"name", std::string(64, 'x')}})).has_value());
}

} // namespace restpoint::api
