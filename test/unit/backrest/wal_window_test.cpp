#include "backrest/wal_window.hpp"
#include "sample.hpp"
#include "support/catch.hpp"
#include "wal_archive.hpp"

#include <chrono>
#include <iostream>
#include <limits>
#include <random>
#include <set>

using namespace restpoint::backrest;
using namespace restpoint::backrest::test;

namespace {

using strings = std::vector<std::string>;

const timeline_window& only(const archive_window& found) {
    REQUIRE(found.timelines.size() == 1);
    return found.timelines[0];
}

const timeline_window& of(const archive_window& found, std::uint32_t timeline) {
    for (const auto& one : found.timelines) {
        if (one.timeline == timeline) {
            return one;
        }
    }
    FAIL("timeline " << timeline << " was not walked");
    return found.timelines.front();
}

void check_whole(const timeline_window& told) {
    CHECK(text_of(told.gaps) == strings{});
    CHECK(told.gap_count == 0);
    CHECK(told.missing_count == 0);
    CHECK(told.incomplete.empty());
}

} // namespace

TEST_CASE("an archive without a gap is one stretch from the oldest backup", "[backrest]") {
    const auto found =
        wal_archive().segments(1, 1, 300).backup("B", 1, 10, 11).backup("A", 1, 5, 6).window();

    const auto& told = only(found);
    check_whole(told);
    CHECK(told.timeline == 1);
    CHECK_FALSE(told.parent.has_value());
    CHECK(told.ancestry_known);
    CHECK(to_string(told.from_wal.value()) == "000000010000000000000005");
    CHECK(to_string(told.to_wal.value()) == "00000001000000010000002C");
    CHECK(told.from == wal_archive::time_of(6) + 1);
    CHECK(told.to == wal_archive::time_of(300));
    CHECK(lsn_text(told.from_lsn) == "0/6000032");
    CHECK(lsn_text(told.to_lsn) == "1/2D000000");
    REQUIRE(
        text_of(told.restorable) ==
        strings{"A: 000000010000000000000005-00000001000000010000002C"});
    CHECK(told.restorable[0].from == told.from);
    CHECK(told.restorable[0].to == told.to);
    CHECK(told.restorable[0].from_lsn == told.from_lsn);
    CHECK(told.restorable[0].to_lsn == told.to_lsn);
}

TEST_CASE("logs roll over without a gap at every segment size", "[backrest]") {
    for (std::uint64_t size = 1; size <= 1024; size *= 2) {
        CAPTURE(size);
        wal_archive archive(size);
        const auto per_log = archive.layout().segments_per_log();
        archive.segments(1, 1, 3 * per_log + 1).backup("A", 1, 1, 1);

        check_whole(only(archive.window()));
        archive.without(1, 2 * per_log);
        const auto found = archive.window();
        const auto& gaps = only(found).gaps;
        REQUIRE(gaps.size() == 1);
        CHECK(to_string(gaps[0].first_missing) == "000000010000000200000000");
        CHECK(gaps[0].after == archive.name(1, 2 * per_log - 1));
        CHECK(gaps[0].before == archive.name(1, 2 * per_log + 1));
    }
}

TEST_CASE("a missing segment is a gap between its neighbours", "[backrest]") {
    const auto found = wal_archive(64)
                           .segments(1, 60, 70)
                           .without(1, 63)
                           .without(1, 64)
                           .without(1, 68)
                           .backup("A", 1, 60, 61)
                           .window();

    const auto& told = only(found);
    CHECK(
        text_of(told.gaps) == strings{
                                  "00000001000000000000003F-000000010000000100000000 (2) after "
                                  "00000001000000000000003E before 000000010000000100000001",
                                  "000000010000000100000004-000000010000000100000004 (1) after "
                                  "000000010000000100000003 before 000000010000000100000005"});
    CHECK(told.gap_count == 2);
    CHECK(told.missing_count == 3);
    CHECK(told.to_wal == wal_archive(64).name(1, 70));
}

TEST_CASE("a gap ends what can be restored, until the next backup", "[backrest]") {
    const auto found = wal_archive()
                           .segments(1, 1, 40)
                           .without(1, 10)
                           .without(1, 20)
                           .without(1, 30)
                           .backup("A", 1, 2, 3)
                           .backup("B", 1, 4, 4)
                           .backup("C", 1, 22, 23)
                           .backup("D", 1, 31, 32)
                           .window();

    CHECK(
        text_of(only(found).restorable) ==
        strings{
            "A: 000000010000000000000002-000000010000000000000009",
            "C: 000000010000000000000016-00000001000000000000001D",
            "D: 00000001000000000000001F-000000010000000000000028"});
    CHECK(only(found).restorable[1].to == wal_archive::time_of(29));
}

TEST_CASE("a backup that lacks a segment of its own cannot be restored", "[backrest]") {
    const auto found = wal_archive()
                           .segments(1, 1, 40)
                           .without(1, 11)
                           .backup("A", 1, 10, 12)
                           .backup("B", 1, 11, 11)
                           .backup("C", 1, 20, 21)
                           .window();

    const auto& told = only(found);
    CHECK(told.incomplete == strings{"A", "B"});
    CHECK(
        text_of(told.restorable) ==
        strings{"C: 000000010000000000000014-000000010000000000000028"});
}

TEST_CASE("what the oldest backup begins with may be missing", "[backrest]") {
    const auto found = wal_archive().segments(1, 7, 9).backup("A", 1, 5, 6).window();

    const auto& told = only(found);
    CHECK(
        text_of(told.gaps) == strings{"000000010000000000000005-000000010000000000000006 (2) after "
                                      "nothing before 000000010000000000000007"});
    CHECK(told.restorable.empty());
    CHECK(told.incomplete == strings{"A"});
}

TEST_CASE("what the newest backup ends with may be missing", "[backrest]") {
    const auto found =
        wal_archive().segments(1, 1, 5).backup("A", 1, 2, 3).backup("B", 1, 5, 7).window();

    const auto& told = only(found);
    CHECK(
        text_of(told.gaps) == strings{"000000010000000000000006-000000010000000000000007 (2) after "
                                      "000000010000000000000005 before nothing"});
    CHECK(told.incomplete == strings{"B"});
    CHECK(
        text_of(told.restorable) ==
        strings{"A: 000000010000000000000002-000000010000000000000005"});
}

TEST_CASE("segments before the oldest backup do not count", "[backrest]") {
    const auto found = wal_archive()
                           .segments(1, 1, 20)
                           .without(1, 3)
                           .without(1, 9)
                           .backup("A", 1, 10, 11)
                           .window();

    check_whole(only(found));
}

TEST_CASE("an empty archive below backups is all gap", "[backrest]") {
    const auto found = wal_archive().backup("A", 1, 2, 3).backup("B", 1, 9, 9).window();

    const auto& told = only(found);
    CHECK_FALSE(told.to_wal.has_value());
    CHECK(told.to == 0);
    CHECK(
        text_of(told.gaps) == strings{"000000010000000000000002-000000010000000000000009 (8) after "
                                      "nothing before nothing"});
    CHECK(told.incomplete == strings{"A", "B"});
}

TEST_CASE("an archive without backups has an end and no beginning", "[backrest]") {
    const auto found = wal_archive().segments(1, 1, 20).without(1, 3).window();

    const auto& told = only(found);
    check_whole(told);
    CHECK_FALSE(told.from_wal.has_value());
    CHECK(told.to_wal == wal_archive().name(1, 20));
    CHECK(told.restorable.empty());
}

TEST_CASE("nothing at all is no timeline", "[backrest]") {
    CHECK(wal_archive().window().timelines.empty());
}

TEST_CASE("a timeline goes on from its parent's backup", "[backrest]") {
    // The parent's file with the switch in it is there, as a partial one would not be.
    const auto found = wal_archive()
                           .segments(1, 1, 8)
                           .segments(2, 7, 12)
                           .fork(2, 1, 7)
                           .backup("A", 1, 2, 3)
                           .window();

    REQUIRE(found.timelines.size() == 2);
    const auto& first = of(found, 1);
    check_whole(first);
    CHECK(
        text_of(first.restorable) ==
        strings{"A: 000000010000000000000002-000000010000000000000008"});
    const auto& second = of(found, 2);
    check_whole(second);
    CHECK(second.parent == 1U);
    CHECK(
        text_of(second.restorable) ==
        strings{"A: 000000010000000000000002-00000002000000000000000C"});
}

TEST_CASE("the parent's last segment may be a partial one, which is no segment", "[backrest]") {
    const auto found = wal_archive()
                           .segments(1, 1, 6)
                           .segments(2, 7, 12)
                           .fork(2, 1, 7)
                           .backup("A", 1, 2, 3)
                           .window();

    check_whole(of(found, 1));
    check_whole(of(found, 2));
}

TEST_CASE("the child's file with the switch in it is needed", "[backrest]") {
    const auto found = wal_archive()
                           .segments(1, 1, 9)
                           .segments(2, 8, 12)
                           .fork(2, 1, 7)
                           .backup("A", 1, 2, 3)
                           .window();

    check_whole(of(found, 1));
    CHECK(
        text_of(of(found, 2).gaps) ==
        strings{"000000020000000000000007-000000020000000000000007 (1) after "
                "000000010000000000000006 before 000000020000000000000008"});
}

TEST_CASE("a gap may lie across a switch", "[backrest]") {
    const auto found = wal_archive()
                           .segments(1, 1, 4)
                           .segments(2, 9, 12)
                           .fork(2, 1, 7)
                           .backup("A", 1, 2, 3)
                           .window();

    check_whole(of(found, 1));
    CHECK(
        text_of(of(found, 2).gaps) ==
        strings{"000000010000000000000005-000000020000000000000008 (4) after "
                "000000010000000000000004 before 000000020000000000000009"});
}

TEST_CASE("a switch at the very beginning of a segment needs all of the one before", "[backrest]") {
    wal_archive archive;
    archive.segments(1, 1, 6).segments(2, 7, 9).backup("A", 1, 2, 3).fork(2, 1, 7);
    archive.histories()[2] = {{1, 7 * archive.layout().segment_bytes()}};

    check_whole(of(archive.window(), 2));
    archive.without(1, 6);
    CHECK(of(archive.window(), 2).gap_count == 1);
}

TEST_CASE("a backup behind the switch belongs to the branch that was left", "[backrest]") {
    const auto found = wal_archive()
                           .segments(1, 1, 20)
                           .segments(2, 7, 12)
                           .fork(2, 1, 7)
                           .backup("old", 1, 9, 10)
                           .backup("new", 2, 9, 10)
                           .window();

    CHECK(
        text_of(of(found, 1).restorable) ==
        strings{"old: 000000010000000000000009-000000010000000000000014"});
    CHECK(
        text_of(of(found, 2).restorable) ==
        strings{"new: 000000020000000000000009-00000002000000000000000C"});
}

TEST_CASE(
    "a backup that ends in the segment of the switch is before it or behind it", "[backrest]") {
    // The switch is at byte 100 of segment 7.
    wal_archive archive;
    archive.segments(1, 1, 7).segments(2, 7, 12).fork(2, 1, 7).backup("A", 1, 6, 7);
    CHECK(
        text_of(of(archive.window(), 2).restorable) ==
        strings{"A: 000000010000000000000006-00000002000000000000000C"});

    archive.backups()[0].stop += 51;
    CHECK(of(archive.window(), 2).restorable.empty());

    // Where info tells no position the segment decides.
    archive.backups()[0].stop = 0;
    CHECK(of(archive.window(), 2).restorable.empty());
    archive.backups()[0].wal_stop = archive.name(1, 6);
    CHECK(of(archive.window(), 2).restorable.size() == 1);
}

TEST_CASE("timelines fork from timelines, and from each other's past", "[backrest]") {
    // 1 ──┬─ 2 (left at 10) ── 3 (from 2 at 15)
    //     └─ 4 (from 1 at 12) ─ 5 (from 4 at 12: nothing was written)
    const auto found = wal_archive()
                           .segments(1, 1, 13)
                           .fork(2, 1, 10)
                           .segments(2, 10, 16)
                           .fork(3, 2, 15)
                           .segments(3, 15, 30)
                           .without(3, 20)
                           .fork(4, 1, 12)
                           .fork(5, 4, 12)
                           .segments(5, 12, 14)
                           .backup("A", 1, 3, 3)
                           .backup("B", 3, 22, 23)
                           .window();

    REQUIRE(found.timelines.size() == 5);
    for (const std::uint32_t whole : {1U, 2U, 4U, 5U}) {
        CAPTURE(whole);
        check_whole(of(found, whole));
    }
    CHECK(of(found, 2).parent == 1U);
    CHECK(of(found, 3).parent == 2U);
    CHECK(of(found, 4).parent == 1U);
    CHECK(of(found, 5).parent == 4U);
    CHECK(
        text_of(of(found, 2).restorable) ==
        strings{"A: 000000010000000000000003-000000020000000000000010"});
    CHECK(
        text_of(of(found, 3).restorable) ==
        strings{
            "A: 000000010000000000000003-000000030000000000000013",
            "B: 000000030000000000000016-00000003000000000000001E"});
    CHECK(
        text_of(of(found, 5).restorable) ==
        strings{"A: 000000010000000000000003-00000005000000000000000E"});
}

TEST_CASE("a timeline that was only begun reaches to the end of its parent", "[backrest]") {
    const auto found = wal_archive().segments(1, 1, 8).fork(4, 1, 7).backup("A", 1, 2, 3).window();

    const auto& told = of(found, 4);
    check_whole(told);
    CHECK(told.to_wal == wal_archive().name(1, 6));
    CHECK(told.restorable.size() == 1);
}

TEST_CASE("a timeline that was only begun needs its parent up to the switch", "[backrest]") {
    const auto found = wal_archive().segments(1, 1, 4).fork(4, 1, 7).backup("A", 1, 2, 3).window();

    CHECK(
        text_of(of(found, 4).gaps) == strings{"000000010000000000000005-000000010000000000000006 "
                                              "(2) after 000000010000000000000004 before nothing"});
}

TEST_CASE("a timeline whose history is missing begins with its own backups", "[backrest]") {
    const auto found = wal_archive()
                           .segments(1, 1, 8)
                           .segments(2, 7, 20)
                           .backup("A", 1, 2, 3)
                           .backup("B", 2, 12, 13)
                           .segments(3, 30, 31)
                           .window();

    CHECK_FALSE(of(found, 2).ancestry_known);
    CHECK(
        text_of(of(found, 2).restorable) ==
        strings{"B: 00000002000000000000000C-000000020000000000000014"});
    CHECK_FALSE(of(found, 3).ancestry_known);
    CHECK_FALSE(of(found, 3).from_wal.has_value());
    CHECK(of(found, 3).to_wal == wal_archive().name(3, 31));
}

TEST_CASE("segments that a child cannot have are not its own", "[backrest]") {
    const auto found = wal_archive()
                           .segments(1, 1, 8)
                           .segments(2, 3, 4)
                           .fork(2, 1, 7)
                           .backup("A", 1, 2, 3)
                           .window();

    CHECK(of(found, 2).to_wal == wal_archive().name(1, 6));
}

TEST_CASE("names that do not fit the segment size are counted and not walked", "[backrest]") {
    wal_archive archive(1024);
    archive.segments(1, 1, 5).backup("A", 1, 1, 1).backup("odd", 1, 2, 2);
    archive.listing().segments.push_back({{1, 7, 4}, 0});
    archive.backups()[1].wal_start.segment = 9;

    const auto found = archive.window();
    CHECK(found.misfits == 1);
    check_whole(only(found));
    CHECK(only(found).restorable.size() == 1);
}

TEST_CASE("a backup that ends before it begins is none", "[backrest]") {
    CHECK(only(wal_archive().segments(1, 1, 9).backup("A", 1, 5, 4).window()).restorable.empty());
}

TEST_CASE("duplicates and empty files are told with the window", "[backrest]") {
    wal_archive archive;
    archive.segments(1, 1, 3);
    archive.listing().duplicates.push_back(archive.name(1, 2));
    archive.listing().empty.push_back(archive.name(1, 4));

    const auto found = archive.window();
    REQUIRE(found.duplicates.size() == 1);
    CHECK(found.duplicates[0] == archive.name(1, 2));
    REQUIRE(found.empty.size() == 1);
    CHECK(found.empty[0] == archive.name(1, 4));
}

TEST_CASE("gaps beyond the limit are counted and not told", "[backrest]") {
    wal_archive archive;
    archive.backup("A", 1, 0, 0);
    for (std::uint64_t number = 0; number <= 20; number += 2) {
        archive.segments(1, number, number);
    }
    const auto found = archive.window({.gaps = 3});

    CHECK(only(found).gaps.size() == 3);
    CHECK(only(found).gap_count == 10);
    CHECK(only(found).missing_count == 10);
}

TEST_CASE("of too many timelines the newest are walked", "[backrest]") {
    wal_archive archive;
    for (std::uint32_t timeline = 1; timeline <= 9; ++timeline) {
        archive.segments(timeline, 5, 5);
    }
    const auto found = archive.window({.timelines = 2});

    REQUIRE(found.timelines.size() == 2);
    CHECK(found.timelines[0].timeline == 8);
    CHECK(found.timelines[1].timeline == 9);
}

TEST_CASE("the last segments there can be are walked", "[backrest]") {
    wal_archive archive(1);
    const auto last = archive.layout().number({1, 0xFFFFFFFF, 0xFFF}).value();
    archive.segments(1, last - 3, last).without(1, last - 1).backup("A", 1, last - 3, last - 3);
    const auto found = archive.window();

    CHECK(only(found).gap_count == 1);
    CHECK(only(found).to_lsn == std::numeric_limits<lsn>::max());
}

TEST_CASE("a backup at the other end of all WAL is one gap", "[backrest]") {
    wal_archive archive(1);
    const auto last = archive.layout().number({1, 0xFFFFFFFF, 0xFFF}).value();
    const auto found = archive.segments(1, 1, 3).backup("A", 1, 1, last).window();

    CHECK(only(found).gaps.size() == 1);
    CHECK(only(found).missing_count == last - 3);
}

TEST_CASE("info's backups are bases where they were made online", "[backrest]") {
    backup_info online;
    online.label = "A";
    online.wal_start = "000000010000000000000002";
    online.wal_stop = "000000010000000000000003";
    online.lsn_stop = "0/3000050";
    online.stop = 7;
    auto without_position = online;
    without_position.lsn_stop.reset();
    auto bad_stop = online;
    bad_stop.wal_stop = "x";
    const std::vector<backup_info> all{online, without_position, bad_stop, backup_info{}};

    const auto bases = base_backups(all);
    REQUIRE(bases.size() == 2);
    CHECK(bases[0].label == "A");
    CHECK(to_string(bases[0].wal_start) == "000000010000000000000002");
    CHECK(to_string(bases[0].wal_stop) == "000000010000000000000003");
    CHECK(bases[0].stop == 0x3000050);
    CHECK(bases[0].stop_time == 7);
    CHECK(bases[1].stop == 0);
}

TEST_CASE("real archives after a restore are whole on both timelines", "[backrest]") {
    for (const auto* name : {"16mb", "64mb"}) {
        CAPTURE(name);
        const auto file = [&](const std::string& front, const std::string& end) {
            return sample(front + name + end);
        };
        const auto info = parse_info(file("info-timelines-", ".json")).value();
        auto listing = parse_archive_listing(file("repo-ls-", ".json")).value();
        const auto bases = base_backups(info.at(0).backups);
        const auto size = learn_segment_size(listing, info.at(0).backups, {});
        const timeline_histories histories{
            {2, parse_timeline_history(2, file("timeline-2-", ".history")).value()}};
        CHECK(walked_timelines(listing, bases) == std::vector<std::uint32_t>{2, 1});

        auto found = find_window(listing, histories, bases, size);
        REQUIRE(found.timelines.size() == 2);
        check_whole(found.timelines[0]);
        check_whole(found.timelines[1]);
        CHECK(found.timelines[1].restorable.size() == 1);

        std::erase_if(listing.segments, [](const auto& segment) {
            return segment.name == segment_name{1, 0, 5};
        });
        found = find_window(listing, histories, bases, size);
        CHECK(found.timelines[0].gap_count == 1);
        CHECK(found.timelines[1].gap_count == 1);
        CHECK(found.timelines[1].restorable.size() == 2);
    }
}

TEST_CASE("the walk agrees with one that looks at every single segment", "[backrest]") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    for (int round = 0; round < 300; ++round) {
        wal_archive archive(below(2) == 0 ? 1024 : 16);
        const auto fork_at = 10 + below(10);
        const auto end = fork_at + below(20);
        archive.fork(2, 1, fork_at);
        std::set<std::uint64_t> there;
        for (std::uint64_t number = 1; number <= end; ++number) {
            const bool is_there = below(8) != 0;
            const auto own = number < fork_at ? 1U : 2U;
            archive.segments(
                3 - own, number, number); // of the other timeline, which must not count
            if (is_there) {
                archive.segments(own, number, number);
                there.insert(number);
            }
        }
        const auto start = 1 + below(fork_at - 2);
        archive.backup("A", 1, start, start);

        std::uint64_t last = fork_at - 1;
        for (const auto number : there) {
            last = std::max(last, number);
        }
        std::uint64_t missing = 0;
        std::uint64_t gaps = 0;
        for (auto number = start; number <= last; ++number) {
            const bool is_gap = there.count(number) == 0;
            missing += is_gap ? 1 : 0;
            gaps += is_gap && (number == start || there.count(number - 1) != 0) ? 1U : 0U;
        }
        const auto found = archive.window();
        const auto& told = of(found, 2);
        CHECK(told.missing_count == missing);
        CHECK(told.gap_count == gaps);
        CHECK(told.incomplete.empty() == (there.count(start) != 0));
    }
}

// Not run by itself: unit_backrest "[figure]" tells how long an archive of a busy year takes.
TEST_CASE("100,000 segments are read and walked", "[.][figure]") {
    std::string json = R"({".":{"type":"path"})";
    const wal_layout layout;
    for (std::uint64_t number = 1; number <= 100'000; ++number) {
        const auto name = to_string(layout.name(1, number));
        json += ",\"" + name.substr(0, 16) + "/" + name +
                "-85fc020d2a77ba9416e760b710a3560c35b73245.zst\":"
                R"({"type":"file","size":1405833,"time":1795329687})";
    }
    json += "}";
    const std::vector<base_backup> backups{{"A", layout.name(1, 5), layout.name(1, 6), 1, 1}};

    const auto begun = std::chrono::steady_clock::now();
    const auto listing = parse_archive_listing(json).value();
    const auto read = std::chrono::steady_clock::now();
    const auto found = find_window(listing, {}, backups, {});
    const auto walked = std::chrono::steady_clock::now();

    CHECK(found.timelines.at(0).gap_count == 0);
    const auto in_ms = [](auto took) {
        return std::chrono::duration<double, std::milli>(took).count();
    };
    std::cout << json.size() << " bytes read in " << in_ms(read - begun) << " ms, walked in "
              << in_ms(walked - read) << " ms\n";
}
