#include "jobs/window_answer.hpp"
#include "support/catch.hpp"

using namespace restpoint::backrest;
using namespace restpoint::jobs;

namespace {

using keys = std::vector<archive_key>;

backup_info backup(std::int64_t repo, std::int64_t database) {
    backup_info one;
    one.repo = repo;
    one.database_id = database;
    return one;
}

} // namespace

TEST_CASE("a stanza of one cluster has one archive in each repo", "[jobs]") {
    stanza_info stanza;
    stanza.databases = {{1, 1, 7, "15"}, {1, 2, 7, "15"}};
    stanza.archives = {{"15-1", 1, 1, "a", "b"}};

    CHECK(archives_of(stanza) == keys{{1, 1, "15-1", true}, {2, 1, "15-1", true}});
}

TEST_CASE("an earlier cluster counts while something is left of it", "[jobs]") {
    stanza_info stanza;
    stanza.databases = {{1, 1, 7, "9.6"}, {2, 1, 8, "12"}, {3, 1, 9, "14"}, {4, 1, 9, "15"}};
    stanza.archives = {{"12-2", 2, 1, "a", "b"}, {"14-3", 3, 1, {}, {}}};
    stanza.backups = {backup(1, 1), backup(2, 3)};

    CHECK(
        archives_of(stanza) ==
        keys{{1, 4, "15-4", true}, {1, 1, "9.6-1", false}, {1, 2, "12-2", false}});
}

TEST_CASE("of too many archives the current ones are looked at", "[jobs]") {
    stanza_info stanza;
    for (std::int64_t id = 1; id <= 20; ++id) {
        stanza.databases.push_back({id, 1, 7, "15"});
        stanza.backups.push_back(backup(1, id));
    }
    const auto all = archives_of(stanza);

    REQUIRE(all.size() == 16);
    CHECK(all.front() == archive_key{1, 20, "15-20", true});
}

TEST_CASE("a stanza that was never created has no archive", "[jobs]") {
    CHECK(archives_of({}).empty());
}

TEST_CASE("backups belong to the archive of their repo and cluster", "[jobs]") {
    stanza_info stanza;
    stanza.backups = {backup(1, 1), backup(1, 2), backup(2, 1), backup(1, 1)};

    CHECK(backups_of(stanza, {1, 1, "15-1", true}).size() == 2);
    CHECK(backups_of(stanza, {2, 2, "15-2", true}).empty());
}
