#include "backrest/timeline_history.hpp"
#include "sample.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace restpoint::backrest;
using restpoint::errc;

namespace {

using timelines = std::vector<std::uint32_t>;

archive_listing with_histories(const timelines& of) {
    archive_listing listing;
    for (const auto timeline : of) {
        listing.histories.push_back({timeline, 0, 50});
    }
    return listing;
}

} // namespace

TEST_CASE("the history that PostgreSQL writes after a restore is read", "[backrest]") {
    CHECK(
        parse_timeline_history(2, sample("timeline-2-16mb.history")).value() ==
        ancestry{{1, 0x7000000}});
    CHECK(
        parse_timeline_history(2, sample("timeline-2-64mb.history")).value() ==
        ancestry{{1, 0x1C000000}});
}

TEST_CASE("comments, empty lines and reasons of any shape are passed over", "[backrest]") {
    const auto read = parse_timeline_history(
        9, "# by hand\n\n  \t\n1\t0/A000028\tno recovery target specified\n"
           "  3 1/B0 at restore point \"x\"\r\n5\t1/B0");

    REQUIRE(read.has_value());
    CHECK(*read == ancestry{{1, 0xA000028}, {3, 0x1000000B0}, {5, 0x1000000B0}});
}

TEST_CASE("an empty history says that nothing came before", "[backrest]") {
    CHECK(parse_timeline_history(2, "").value().empty());
}

TEST_CASE("a history that cannot be true is refused with its line", "[backrest]") {
    struct expectation {
        const char* text;
        const char* detail;
    };
    const expectation all[] = {
        {"x\n", "line 1 of 00000004.history in the repo is not a timeline and a position"},
        {"1\n", "line 1 of 00000004.history in the repo is not a timeline and a position"},
        {"1\t0\n", "line 1 of 00000004.history in the repo is not a timeline and a position"},
        {"0\t0/1\n", "line 1 of 00000004.history in the repo is not a timeline and a position"},
        {"-1\t0/1\n", "line 1 of 00000004.history in the repo is not a timeline and a position"},
        {"1x\t0/1\n", "line 1 of 00000004.history in the repo is not a timeline and a position"},
        {"99999999999\t0/1\n",
         "line 1 of 00000004.history in the repo is not a timeline and a position"},
        {"1\t0/1\n1\t0/2\n", "line 2 of 00000004.history in the repo goes back in time"},
        {"2\t0/2\n3\t0/1\n", "line 2 of 00000004.history in the repo goes back in time"},
        {"4\t0/1\n", "line 1 of 00000004.history in the repo goes back in time"},
    };
    for (const auto& [text, detail] : all) {
        CAPTURE(text);
        const auto read = parse_timeline_history(4, text);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().code == errc::invalid);
        CHECK(read.error().detail == detail);
    }
}

TEST_CASE("the way to a timeline stands in its history or in a later one", "[backrest]") {
    const timeline_histories known{{3, {{1, 10}, {2, 20}}}, {6, {{1, 10}, {4, 15}, {5, 30}}}};

    CHECK(ancestry_of(1, known).value().empty());
    CHECK(ancestry_of(2, known).value() == ancestry{{1, 10}});
    CHECK(ancestry_of(3, known).value() == ancestry{{1, 10}, {2, 20}});
    CHECK(ancestry_of(4, known).value() == ancestry{{1, 10}});
    CHECK(ancestry_of(5, known).value() == ancestry{{1, 10}, {4, 15}});
    CHECK(ancestry_of(6, known).value() == ancestry{{1, 10}, {4, 15}, {5, 30}});
    CHECK_FALSE(ancestry_of(7, known).has_value());
    CHECK(ancestry_of(1, {}).value().empty());
    CHECK_FALSE(ancestry_of(2, {}).has_value());
}

TEST_CASE("timelines are known by their segments, histories and backups", "[backrest]") {
    auto listing = with_histories({4, 5});
    for (const std::uint32_t timeline : {1U, 1U, 2U}) {
        listing.segments.push_back({{timeline, 0, 0}, 0});
    }
    const timelines of_backups{7, 2, 7};

    CHECK(timelines_of(listing, of_backups, 10) == timelines{7, 5, 4, 2, 1});
    CHECK(timelines_of(listing, of_backups, 2) == timelines{7, 5});
    CHECK(timelines_of({}, {}, 10).empty());
}

TEST_CASE("only histories that tell something new are read, the newest first", "[backrest]") {
    const auto listing = with_histories({2, 3, 4, 5});
    const timelines all{6, 5, 4, 3, 2, 1};
    timeline_histories known;

    CHECK(next_history(listing, all, known, {}) == 5U);
    known[5] = {{1, 10}, {3, 20}};
    CHECK(next_history(listing, all, known, {}) == 4U);
    CHECK(next_history(listing, all, known, timelines{4}) == 2U);
    known[4] = {{1, 10}, {2, 20}};
    CHECK_FALSE(next_history(listing, all, known, {}).has_value());
}

TEST_CASE("a segment is looked for on the timeline that had begun in it", "[backrest]") {
    const auto layout = wal_layout::of(1U << 20U).value();
    // Timeline 4 left 2 in the middle of segment 5; 3 was a branch of its own.
    const ancestry before{{1, 0x280000}, {2, 0x580000}};
    const auto needed = [&](std::uint64_t number) {
        return to_string(segment_on_the_way(before, 4, layout, number));
    };

    CHECK(needed(1) == "000000010000000000000001");
    CHECK(needed(2) == "000000020000000000000002");
    CHECK(needed(4) == "000000020000000000000004");
    CHECK(needed(5) == "000000040000000000000005");
    CHECK(needed(9) == "000000040000000000000009");
}

TEST_CASE("two timelines that began in one segment leave it to the later one", "[backrest]") {
    const auto layout = wal_layout::of(1U << 20U).value();
    const ancestry before{{1, 0x210000}, {2, 0x220000}};

    CHECK(to_string(segment_on_the_way(before, 3, layout, 2)) == "000000030000000000000002");
    CHECK(to_string(segment_on_the_way(before, 3, layout, 1)) == "000000010000000000000001");
    CHECK(to_string(segment_on_the_way({}, 1, layout, 7)) == "000000010000000000000007");
}
