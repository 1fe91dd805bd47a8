#include "jobs/data_size.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace restpoint;
using namespace restpoint::jobs;

namespace {

backrest::stanza_info stanza_with(
    std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> sets) {
    backrest::stanza_info made;
    made.name = "main";
    for (const auto& [type, stop, repo] : sets) {
        backrest::backup_info set;
        set.type = type;
        set.start = stop - 50;
        set.stop = stop;
        set.repo = repo;
        made.backups.push_back(set);
    }
    return made;
}

job_spec a(backrest::backup_type type) {
    job_spec what;
    what.stanza = "main";
    what.type = type;
    return what;
}

} // namespace

TEST_CASE("the data directory stands before the cluster's own folders", "[jobs]") {
    CHECK(data_directory_of("/pg/data/base/16384/16409") == "/pg/data");
    CHECK(data_directory_of("/pg/data/global/1262") == "/pg/data");
    CHECK(data_directory_of("/pg/data/pg_tblspc/16391/PG_15_202209061/1/2") == "/pg/data");
    CHECK(data_directory_of("/base/pg/base/1/2") == "/base/pg");
    CHECK_FALSE(data_directory_of("/usr/lib/x86_64-linux-gnu/libc.so.6"));
    CHECK_FALSE(data_directory_of("/base/1/2"));
    CHECK_FALSE(data_directory_of(""));
}

TEST_CASE("a full backup copies all, others what changed since theirs ended", "[jobs]") {
    const std::vector stanzas{
        stanza_with({{"full", 100, 1}, {"incr", 300, 1}, {"full", 200, 2}, {"diff", 250, 1}})};

    CHECK(copied_since(a(backrest::backup_type::full), stanzas) == 0);
    CHECK(copied_since(a(backrest::backup_type::diff), stanzas) == 200);
    CHECK(copied_since(a(backrest::backup_type::incr), stanzas) == 300);
    auto on_second = a(backrest::backup_type::incr);
    on_second.repo = 2;
    CHECK(copied_since(on_second, stanzas) == 200);
}

TEST_CASE("where there is nothing to build on, all is copied", "[jobs]") {
    auto other = stanza_with({{"full", 100, 1}});
    other.name = "other";

    CHECK(copied_since(a(backrest::backup_type::incr), {}) == 0);
    CHECK(copied_since(a(backrest::backup_type::incr), std::vector{other}) == 0);
}

TEST_CASE("find is asked for the sizes of what is copied", "[jobs]") {
    const auto all = find_sizes("/pg/data", 0);
    const auto changed = find_sizes("/pg/data", 1234);

    CHECK(all == std::vector<std::string>{"find",        "-L",     "/pg/data",   "(",
                                          "-name",       "pg_wal", "-o",         "-name",
                                          "pg_replslot", "-o",     "-name",      "pg_subtrans",
                                          "-o",          "-name",  "pgsql_tmp*", ")",
                                          "-prune",      "-o",     "-type",      "f",
                                          "-printf",     "%s\\n"});
    const auto place = std::ranges::find(changed, "-newermt");
    REQUIRE(place != changed.end());
    CHECK(*std::next(place) == "@1234");
}

TEST_CASE("the sizes are summed up", "[jobs]") {
    CHECK(sum_of_sizes("") == 0);
    CHECK(sum_of_sizes("8192\n0\n100\n") == 8292);
    CHECK(sum_of_sizes("8192\nfind: x\n100") == 8292);
}
