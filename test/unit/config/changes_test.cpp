#include "config/changes.hpp"
#include "loading.hpp"
#include "support/catch.hpp"

using namespace restpoint::config;

TEST_CASE("a configuration that is read again has changed nothing", "[config]") {
    const auto text = "[server]\nallowed_hosts = [\"a\"]\n[auth]\nmode = \"none\"\n"
                      "[pgbackrest.environment]\nA = \"1\"\n";

    CHECK(changed_keys(load_file(text).values, load_file(text).values).empty());
}

TEST_CASE("keys that have changed are named in the order of the table", "[config]") {
    const auto before = load_file("[pgbackrest.environment]\nA = \"1\"\n").values;
    const auto after = load_file("[log]\nlevel = \"warn\"\n[server]\nlisten = \"127.0.0.1:1\"\n"
                                 "[auth]\nmode = \"none\"\n[pgbackrest.environment]\nA = \"2\"\n")
                           .values;

    CHECK(
        changed_keys(before, after) ==
        std::vector<std::string>{
            "server.listen", "auth.mode", "pgbackrest.environment", "log.level"});
}

TEST_CASE("a schedule that comes or goes is no changed key", "[config]") {
    const auto after = load_file("[[schedule]]\nname = \"a\"\naction = \"check\"\n"
                                 "cron = \"@daily\"\n");

    REQUIRE(after.values.schedules.size() == 1);
    CHECK(changed_keys(settings{}, after.values).empty());
}
