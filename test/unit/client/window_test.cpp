#include "client/window.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::client;

namespace {

constexpr std::string_view whole = R"({"timelines":[{"timeline":1,"parent":null,
    "from":"2026-11-22T16:30:03.000Z","to":"2026-11-22T17:10:00.000Z","from_lsn":"0/2000028",
    "to_lsn":"0/A000000","from_wal":"000000010000000000000002","to_wal":"000000010000000000000009",
    "gaps":[],"gap_count":0,"missing_segments":0,
    "restorable":[{"backup":"20261122-163000F","from":"2026-11-22T16:30:03.000Z",
        "to":"2026-11-22T17:10:00.000Z"}],
    "incomplete_backups":[],"repo":1,"archive_id":"15-1"}],
    "archives":[{"repo":1,"archive_id":"15-1","error":null}],
    "taken":"2026-11-22T17:10:30.000Z","stale":false})";

timeline broken_timeline() {
    timeline made;
    made.number = 1;
    made.repo = 2;
    made.archive = "15-1";
    made.from = "2026-11-22T16:30:03Z";
    made.from_wal = "000000010000000000000002";
    made.to_wal = "00000001000000000000000A";
    made.gaps = {
        {"000000010000000000000004", "000000010000000000000004", 1},
        {"000000010000000000000006", "000000010000000000000008", 3}};
    made.gap_count = 2;
    made.missing_segments = 4;
    made.restorable = {{"20261122-163000F", "2026-11-22T16:30:03Z", "2026-11-22T16:40:00.000Z"}};
    made.incomplete_backups = {"20261122-163000F_20261122-164000I"};
    return made;
}

} // namespace

TEST_CASE("a window without a gap is told and is whole", "[unit][client]") {
    const auto found = parse_window(whole).value();

    CHECK(is_whole(found));
    CHECK(
        window_words(found, "main") ==
        "timeline 1 in repo 1, archive 15-1\n"
        "  from      2026-11-22 16:30:03Z  000000010000000000000002\n"
        "  to        2026-11-22 17:10:00Z  000000010000000000000009\n"
        "  restore   any time from 2026-11-22 16:30:03Z to 2026-11-22 17:10:00Z, from "
        "20261122-163000F on\n"
        "main: no gap: every moment in the window can be restored\n");
}

TEST_CASE("gaps are told with what they cost", "[unit][client]") {
    const restore_window found{{broken_timeline()}, {}, "", false};

    CHECK_FALSE(is_whole(found));
    CHECK(
        window_words(found, "main") ==
        "timeline 1 in repo 2, archive 15-1\n"
        "  from      2026-11-22 16:30:03Z  000000010000000000000002\n"
        "  to        00000001000000000000000A\n"
        "  missing   WAL 000000010000000000000004\n"
        "  missing   WAL 000000010000000000000006 to 000000010000000000000008 (3 segments)\n"
        "  broken    20261122-163000F_20261122-164000I lacks WAL that it needs\n"
        "  restore   any time from 2026-11-22 16:30:03Z to 2026-11-22 16:40:00Z, from "
        "20261122-163000F on\n"
        "main: 2 gaps, 4 WAL segments missing: what lies in and behind a gap can be restored only "
        "from a backup behind it; 1 backup cannot be restored\n");
}

TEST_CASE("a gap is read with its segments", "[unit][client]") {
    const auto found = parse_window(R"({"timelines":[{"timeline":1,"gaps":[
        {"first_missing":"A","last_missing":"C","segments":3},{"first_missing":"E"}, 7],
        "incomplete_backups":["x",7]}]})")
                           .value();

    REQUIRE(found.timelines.size() == 1);
    const auto& one = found.timelines.front();
    REQUIRE(one.gaps.size() == 2);
    CHECK(one.gaps[0].first == "A");
    CHECK(one.gaps[0].last == "C");
    CHECK(one.gaps[0].segments == 3);
    CHECK_FALSE(one.gaps[1].segments.has_value());
    CHECK(one.gap_count == 2);
    CHECK(one.incomplete_backups == std::vector<std::string>{"x"});
}

TEST_CASE("of many gaps the first ones are told, and how many more there are", "[unit][client]") {
    auto many = broken_timeline();
    many.gaps.assign(12, {"A", "C", {}});
    many.gap_count = 5000;

    const auto told = window_words({{many}, {}, "", false}, "main");

    CHECK_THAT(told, ContainsSubstring("  missing   WAL A to C\n  missing   and 4990 more gaps\n"));
}

TEST_CASE("a backup that lacks WAL is no whole window", "[unit][client]") {
    auto found = parse_window(whole).value();
    found.timelines.front().incomplete_backups = {"a", "b"};

    CHECK_FALSE(is_whole(found));
    CHECK_THAT(window_words(found, "main"), EndsWith("main: 2 backups cannot be restored\n"));
}

TEST_CASE("where nothing can be restored that is said", "[unit][client]") {
    timeline bare;
    bare.archive = "15-1";

    CHECK_FALSE(is_whole({}));
    CHECK(window_words({}, "main") == "main: nothing can be restored\n");
    CHECK_FALSE(is_whole({{bare}, {}, "", false}));
    CHECK(
        window_words({{bare}, {}, "", false}, "main") ==
        "timeline ? in repo ?, archive 15-1\n"
        "  restore   nothing: no backup leads here with all of its WAL\n"
        "main: nothing can be restored\n");
}

TEST_CASE("what could not be looked at is not called whole", "[unit][client]") {
    auto found = parse_window(R"({"timelines":[],"archives":[
        {"repo":2,"error":"the repo does not answer"}],"taken":"2026-11-22T17:10:30.000Z",
        "stale":true})")
                     .value();

    CHECK_FALSE(is_whole(found));
    CHECK(
        window_words(found, "main") ==
        "the archive in repo 2 could not be looked at: the repo does not answer\n"
        "this is how it was at 2026-11-22 17:10:30Z: the repo could not be looked at since\n"
        "main: what can be restored is unknown\n");

    found.timelines = parse_window(whole).value().timelines;
    CHECK_FALSE(is_whole(found));
    CHECK_THAT(window_words(found, "main"), EndsWith("main: no gap in what could be looked at\n"));
}

TEST_CASE("what is no window is refused", "[unit][client]") {
    for (const auto* const bad : {"", "[]", "{}", "nothing"}) {
        const auto found = parse_window(bad);
        REQUIRE(!found);
        CHECK(found.error().code == errc::io);
        CHECK(found.error().detail == "the service's answer is no window");
    }
}
