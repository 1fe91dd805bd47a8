#include "backrest/config_file.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace restpoint::backrest;

namespace {

constexpr auto file = R"(# lock-path=/in/a/comment
[global]
lock-path = /run/pgbackrest 
repo1-path=/repo
spool-path=

[global:archive-push]
lock-path=/only/there

[main]
pg1-path=/pg/data=15
[other]
pg1-path=/pg/other)";

const std::vector<std::string> nothing;

} // namespace

TEST_CASE("an option of a stanza is its own, or that of all", "[backrest]") {
    CHECK(configured(file, nothing, "main", "pg1-path") == "/pg/data=15");
    CHECK(configured(file, nothing, "other", "pg1-path") == "/pg/other");
    CHECK(configured(file, nothing, "main", "lock-path") == "/run/pgbackrest");
    CHECK_FALSE(configured(file, nothing, "third", "pg1-path").has_value());
    CHECK_FALSE(configured(file, nothing, "main", "spool-path").has_value());
    CHECK_FALSE(configured("", nothing, "main", "pg1-path").has_value());
    CHECK_FALSE(configured("pg1-path=/nowhere\n", nothing, "main", "pg1-path").has_value());
}

TEST_CASE("a stanza's value wins wherever it stands", "[backrest]") {
    constexpr auto text = "[main]\nlock-path=/a\r\n[global]\nlock-path=/b\n";
    CHECK(configured(text, nothing, "main", "lock-path") == "/a");
    CHECK(configured(text, nothing, "other", "lock-path") == "/b");
}

TEST_CASE("the environment wins over the file", "[backrest]") {
    const std::vector<std::string> environment{"PATH=/bin", "PGBACKREST_PG1_PATH=/elsewhere"};
    CHECK(configured(file, environment, "main", "pg1-path") == "/elsewhere");
    CHECK(configured(file, environment, "main", "lock-path") == "/run/pgbackrest");
}
