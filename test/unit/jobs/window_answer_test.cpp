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

namespace {

stanza_info read_as(info_state state) {
    stanza_info stanza;
    stanza.repos = {
        {1,
         "none",
         {state, 99, "[HostConnectError] unable to connect to 's:1': Connection refused"}}};
    return stanza;
}

window_answer listing(std::uint64_t bytes) {
    archive_answer one;
    one.of = {1, 1, "15-1", true};
    one.window.bytes = bytes;
    return {.archives = {one}};
}

} // namespace

TEST_CASE("only a repo that info could not read is out of reach", "[jobs]") {
    CHECK_FALSE(unreadable(read_as(info_state::no_valid_backups), 1).has_value());
    CHECK_FALSE(unreadable(read_as(info_state::other), 2).has_value());
    const auto why = unreadable(read_as(info_state::other), 1);
    REQUIRE(why.has_value());
    CHECK_THAT(why->detail, ContainsSubstring("Connection refused"));
    CHECK_THAT(why->hint, ContainsSubstring("nobody answers"));
}

TEST_CASE("an archive that cannot be listed is remembered as it was", "[jobs]") {
    archive_memory memory;
    auto good = listing(7);
    memory.complete(good, read_as(info_state::ok));
    CHECK(good.archives.front().earlier == nullptr);

    for (int look = 0; look < 2; ++look) {
        auto bad = listing(0);
        bad.archives.front().error = restpoint::failure{restpoint::errc::unavailable, "broken"};
        memory.complete(bad, read_as(info_state::ok));
        REQUIRE(bad.archives.front().earlier != nullptr);
        CHECK(bad.archives.front().earlier->bytes == 7);
    }
}

TEST_CASE("an archive of which nothing was ever seen stays without", "[jobs]") {
    auto bad = listing(0);
    bad.archives.front().error = restpoint::failure{restpoint::errc::unavailable, "broken"};
    archive_memory().complete(bad, read_as(info_state::ok));

    CHECK(bad.archives.front().earlier == nullptr);
}

TEST_CASE("an archive of a repo that info cannot read any more is added with why", "[jobs]") {
    archive_memory memory;
    auto good = listing(7);
    memory.complete(good, read_as(info_state::ok));

    for (int look = 0; look < 2; ++look) {
        window_answer none;
        memory.complete(none, read_as(info_state::other));
        REQUIRE(none.archives.size() == 1);
        CHECK(none.archives.front().of == archive_key{1, 1, "15-1", true});
        CHECK(none.archives.front().error.has_value());
        CHECK(none.archives.front().earlier->bytes == 7);
    }
    window_answer gone;
    memory.complete(gone, read_as(info_state::missing_stanza_data));
    CHECK(gone.archives.empty());
    memory.complete(gone, read_as(info_state::other));
    CHECK(gone.archives.empty());
}
