#include "restorable.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace restpoint;
using namespace restpoint::restore;
using namespace restpoint::restore::test;
using backrest::to_string;

namespace {

constexpr std::uint64_t segment_bytes = 16ULL << 20U;
constexpr auto second = std::chrono::seconds{1};

/// Two backups on one timeline, WAL 1 to 40 without a gap.
restorable two_backups() {
    restorable made;
    made.segments(1, 1, 40).backup("A", 1, 5, 6).backup("B", 1, 20, 21);
    return made;
}

/// The same with segment 30 gone, and a third backup behind the gap.
restorable with_gap() {
    auto made = two_backups();
    made.without(1, 30).backup("C", 1, 35, 36);
    return made;
}

bool warns(const plan& made, const std::string& of) {
    return std::any_of(made.warnings.begin(), made.warnings.end(), [&](const auto& one) {
        return one.find(of) != one.npos;
    });
}

} // namespace

TEST_CASE("latest takes the newest set and all WAL behind it", "[restore]") {
    const auto made = two_backups().make(latest);

    CHECK(outcome(made) == "B");
    CHECK(made.repo == 1);
    CHECK(made.timeline == 1);
    CHECK(to_string(made.wal_from.value()) == "000000010000000000000014");
    CHECK(to_string(made.wal_to.value()) == "000000010000000000000028");
    CHECK(made.bytes == 10'000'000'000);
    CHECK_FALSE(made.lost.from.has_value());
    CHECK(warns(made, "no server answers"));
}

TEST_CASE("latest over a gap is refused unless that is acknowledged", "[restore]") {
    auto world = two_backups();
    world.without(1, 30);

    const auto refused = world.make(latest);
    CHECK(outcome(refused) == "commits_missing");
    CHECK_THAT(refused.refusals[0].message, ContainsSubstring("00000001000000000000001D"));

    const auto taken = world.make(plan_request{latest, {}, {}, {}, {reason::commits_missing}});
    CHECK(outcome(taken) == "B");
    CHECK(warns(taken, "acknowledged: WAL is missing"));
    CHECK(outcome(with_gap().make(latest)) == "C");
    CHECK(
        outcome(with_gap().make(plan_request{latest, {}, std::string("A"), {}, {}})) ==
        "commits_missing");
}

TEST_CASE("a time takes the newest set that ended before it", "[restore]") {
    const auto world = two_backups();

    CHECK(outcome(world.make(to_time(when(25)))) == "B");
    CHECK(outcome(world.make(to_time(when(15)))) == "A");
    CHECK(outcome(world.make(to_time(when(40)))) == "B");
    // B ended in the second behind its last segment: which part of it is not known.
    const auto b_ended = when(21) + second;
    CHECK(outcome(world.make(to_time(b_ended))) == "A");
    CHECK(outcome(world.make(to_time(b_ended + std::chrono::milliseconds{999}))) == "A");
    CHECK(outcome(world.make(to_time(b_ended + second))) == "B");
}

TEST_CASE("a time that no WAL leads to is refused", "[restore]") {
    const auto world = with_gap();

    CHECK(outcome(world.make(to_time(when(6)))) == "target_before_set");
    CHECK(outcome(world.make(to_time(when(29)))) == "B");
    CHECK(outcome(world.make(to_time(when(29) + second))) == "target_in_gap");
    CHECK(outcome(world.make(to_time(when(36)))) == "target_in_gap");
    CHECK(outcome(world.make(to_time(when(38)))) == "C");
    const auto behind = world.make(to_time(when(40) + second));
    CHECK(outcome(behind) == "target_after_wal");
    CHECK_THAT(behind.refusals[0].hint, ContainsSubstring(rfc3339(when(40))));
    CHECK(outcome(world.make(to_time(when(1000) + second))) == "target_in_future");
}

TEST_CASE("a server that writes on stretches the window up to its own clock", "[restore]") {
    auto world = two_backups();
    world.live(1, 50);

    const auto made = world.make(to_time(when(45)));
    CHECK(outcome(made) == "B");
    CHECK(warns(made, "is not in the repo yet"));
    CHECK(made.lost.from == when(45));
    CHECK(made.lost.until == when(50));
    CHECK(outcome(world.make(to_time(when(50) + second))) == "target_in_future");

    world.server().last_commit = when(44);
    CHECK(outcome(world.make(to_time(when(45)))) == "target_after_wal");
    CHECK(outcome(world.make(to_time(when(44)))) == "target_after_wal");
    CHECK(outcome(world.make(to_time(when(44) - std::chrono::microseconds{1}))) == "B");

    CHECK(outcome(world.make(to_time(when(30)))) == "B");
    CHECK_FALSE(warns(world.make(to_time(when(30))), "track_commit_timestamp"));
    world.server().last_commit = when(29);
    CHECK(outcome(world.make(to_time(when(30)))) == "target_after_wal");
    world.server().last_commit.reset();
    CHECK(warns(world.make(to_time(when(30))), "track_commit_timestamp"));

    world.without(1, 39);
    CHECK(outcome(world.make(to_time(when(42)))) == "target_in_gap");
}

TEST_CASE("an lsn takes the newest set that ended before it", "[restore]") {
    const auto world = with_gap();

    CHECK(outcome(world.make(to_lsn(25 * segment_bytes))) == "B");
    CHECK(outcome(world.make(to_lsn(21 * segment_bytes + 50))) == "B");
    CHECK(outcome(world.make(to_lsn(21 * segment_bytes + 49))) == "A");
    CHECK(outcome(world.make(to_lsn(6 * segment_bytes))) == "target_before_set");
    CHECK(outcome(world.make(to_lsn(30 * segment_bytes))) == "target_in_gap");
    CHECK(outcome(world.make(to_lsn(36 * segment_bytes))) == "target_in_gap");
    CHECK(outcome(world.make(to_lsn(41 * segment_bytes - 1))) == "C");
    CHECK(outcome(world.make(to_lsn(41 * segment_bytes))) == "target_after_wal");
    CHECK(
        to_string(world.make(to_lsn(25 * segment_bytes)).wal_to.value()) ==
        "000000010000000000000019");
}

TEST_CASE("an lsn may lie in WAL that the server has and the repo has not", "[restore]") {
    auto world = two_backups();
    world.live(1, 50);

    const auto made = world.make(to_lsn(45 * segment_bytes));
    CHECK(outcome(made) == "B");
    CHECK(made.lost.wal_bytes == 5 * segment_bytes + 500);
    CHECK(outcome(world.make(to_lsn(50 * segment_bytes + 500))) == "target_after_wal");
}

TEST_CASE("without a server, what is lost is counted to the end of the WAL", "[restore]") {
    const auto made = two_backups().make(to_lsn(40 * segment_bytes));
    CHECK(made.lost.wal_bytes == segment_bytes);
    CHECK(made.lost.until == when(40));

    const auto immediate = two_backups().make(target{.kind = target_kind::immediate});
    CHECK(outcome(immediate) == "B");
    CHECK(immediate.lost.from == when(21) + second);
    CHECK(immediate.lost.wal_bytes == 20 * segment_bytes - 50);
    CHECK(to_string(immediate.wal_to.value()) == "000000010000000000000015");
}

TEST_CASE("where a restore point or a transaction stands shows in the replay only", "[restore]") {
    for (const auto& to :
         {target{.kind = target_kind::name, .name = "before"},
          target{.kind = target_kind::xid, .xid = 4711}}) {
        const auto made = with_gap().make(to);
        CHECK(outcome(made) == "C");
        CHECK(warns(made, "shows only in the replay"));
        CHECK(outcome(with_gap().make(plan_request{to, {}, std::string("A"), {}, {}})) == "A");
    }
}

TEST_CASE("a set that is named is the one, or the plan says why it cannot be", "[restore]") {
    auto world = with_gap();
    world.backup("D", 1, 29, 31);
    const auto with = [](const target& to, const std::string& set) {
        return plan_request{to, {}, set, {}, {}};
    };

    CHECK(outcome(world.make(with(to_time(when(25)), "A"))) == "A");
    CHECK(outcome(world.make(with(to_time(when(15)), "B"))) == "target_before_set");
    CHECK(outcome(world.make(with(to_time(when(38)), "A"))) == "target_in_gap");
    CHECK(outcome(world.make(with(to_lsn(7 * segment_bytes), "B"))) == "target_before_set");
    CHECK(outcome(world.make(with(latest, "D"))) == "set_incomplete");
    CHECK(outcome(world.make(with(latest, "none"))) == "set_unknown");

    world.stanza().backups.push_back(world.stanza().backups.front());
    world.stanza().backups.back().label = "offline";
    CHECK(outcome(world.make(with(latest, "offline"))) == "set_not_on_timeline");
}

TEST_CASE("a timeline is named, or the one that the server writes, or the only one", "[restore]") {
    restorable world;
    world.segments(1, 1, 40).backup("A", 1, 5, 6).backup("late", 1, 35, 36);
    world.fork(2, 1, 20).segments(2, 20, 30);

    CHECK(outcome(world.make(latest)) == "timeline_ambiguous");
    CHECK(outcome(world.make(plan_request{latest, 1, {}, {}, {}})) == "late");
    const auto child = world.make(plan_request{latest, 2, {}, {}, {}});
    CHECK(outcome(child) == "A");
    CHECK(to_string(child.wal_to.value()) == "00000002000000000000001E");
    CHECK(outcome(world.make(plan_request{latest, 3, {}, {}, {}})) == "timeline_unknown");
    CHECK(
        outcome(world.make(plan_request{latest, 2, std::string("late"), {}, {}})) ==
        "set_not_on_timeline");

    const auto before_fork = world.make(plan_request{to_lsn(15 * segment_bytes), 2, {}, {}, {}});
    CHECK(to_string(before_fork.wal_to.value()) == "00000001000000000000000F");
    const auto behind_fork = world.make(plan_request{to_lsn(25 * segment_bytes), 2, {}, {}, {}});
    CHECK(to_string(behind_fork.wal_to.value()) == "000000020000000000000019");

    world.live(2, 31);
    CHECK(outcome(world.make(latest)) == "A");
    const auto abandoned = world.make(plan_request{latest, 1, {}, {}, {}});
    CHECK(outcome(abandoned) == "late");
    CHECK(warns(abandoned, "the server writes timeline 2"));
    world.server().timeline = 0;
    CHECK(outcome(world.make(latest)) == "timeline_ambiguous server_is_standby");
}

TEST_CASE("a timeline from nowhere is refused", "[restore]") {
    restorable world;
    world.segments(1, 1, 40).backup("A", 1, 5, 6).segments(3, 30, 40);

    const auto made = world.make(plan_request{latest, 3, {}, {}, {}});
    CHECK(outcome(made) == "timeline_unknown");
    CHECK_THAT(made.refusals[0].message, ContainsSubstring("00000003.history"));
}

TEST_CASE("without a backup that leads there, nothing can be restored", "[restore]") {
    restorable nothing;
    CHECK(outcome(nothing.make(latest)) == "no_backup");
    restorable wal_only;
    wal_only.segments(1, 1, 5);
    CHECK(outcome(wal_only.make(latest)) == "no_backup");
    restorable torn;
    torn.segments(1, 1, 5).backup("A", 1, 4, 7);
    CHECK(outcome(torn.make(latest)) == "set_incomplete");
}

TEST_CASE("the backups of another cluster are refused", "[restore]") {
    auto world = two_backups();
    world.live(1, 50);
    CHECK(outcome(world.make(latest)) == "B");
    world.server().system_id = 1;
    CHECK(outcome(world.make(latest)) == "other_cluster");
}

TEST_CASE("of several repos the first one that can serve is taken", "[restore]") {
    auto world = with_gap();
    world.without(1, 40).without(1, 38); // repo 1 ends in a gap
    auto whole = two_backups();
    auto& other = world.more_archives();
    other.push_back({{2, 2, "15-1", true}, whole.wal().window(), {}});
    for (auto set : whole.stanza().backups) {
        set.repo = 2;
        set.database_id = 2;
        world.stanza().backups.push_back(set);
    }

    const auto second_repo = world.make(latest);
    CHECK(outcome(second_repo) == "B");
    CHECK(second_repo.repo == 2);
    CHECK(outcome(world.make(plan_request{latest, {}, {}, 1, {}})) == "commits_missing");
    CHECK(outcome(world.make(plan_request{latest, {}, {}, 7, {}})) == "repo_unknown");

    other[0].error = failure{errc::unavailable, "repo 2 is away", "look at its log"};
    const auto held = world.make(latest);
    CHECK(outcome(held) == "commits_missing");
    CHECK(held.repo == 1);
    CHECK(outcome(world.make(plan_request{latest, {}, {}, 2, {}})) == "archive_unreadable");
}

TEST_CASE(
    "a repo that has the target is taken before one that the server must bring it to",
    "[restore]") {
    auto world = two_backups();
    auto whole = two_backups();
    auto& other = world.more_archives();
    other.push_back({{2, 2, "15-1", true}, whole.wal().window(), {}});
    for (auto set : whole.stanza().backups) {
        set.repo = 2;
        set.database_id = 2;
        world.stanza().backups.push_back(set);
    }
    world.without(1, 40).without(1, 39);
    world.live(1, 50);

    const auto there = world.make(to_lsn(39 * segment_bytes + 7));
    CHECK(outcome(there) == "B");
    CHECK(there.repo == 2);
    const auto nowhere = world.make(to_lsn(45 * segment_bytes));
    CHECK(outcome(nowhere) == "B");
    CHECK(nowhere.repo == 2);
}

TEST_CASE(
    "a repo that another one has left behind is refused where WAL of it is missing", "[restore]") {
    auto world = two_backups();
    auto whole = two_backups();
    world.more_archives().push_back({{2, 2, "15-1", true}, whole.wal().window(), {}});
    world.without(1, 40).without(1, 39);
    world.live(1, 50);
    const auto in_first = [&](const target& to) {
        return outcome(world.make(plan_request{to, {}, {}, 1, {}}));
    };

    CHECK(in_first(to_lsn(38 * segment_bytes + 7)) == "B");
    CHECK(in_first(latest) == "commits_missing");
    CHECK(in_first(to_lsn(45 * segment_bytes)) == "target_after_wal");

    // A segment that may just be on its way is no reason.
    auto soon = two_backups();
    soon.more_archives() = world.more_archives();
    soon.more_archives()[0].window.timelines[0].to = 0;
    soon.without(1, 40);
    CHECK(outcome(soon.make(plan_request{latest, {}, {}, 1, {}})) == "B");
}

TEST_CASE("a set that is older than a tablespace is refused", "[restore]") {
    auto world = two_backups();
    world.around().tablespaces = {{"16385", "/ts/a"}, {"16390", "/ts/b"}};
    world.details() = set_details{1, "B", {{16385, "a", "/ts/a"}, {16384, "old", "/ts/old"}}};

    const auto made = world.make(latest);
    CHECK(outcome(made) == "tablespace_newer");
    CHECK_THAT(made.refusals.front().message, ContainsSubstring("'/ts/b'"));
    CHECK(std::ranges::any_of(
        made.warnings, [](const std::string& one) { return one.ends_with("old in '/ts/old'"); }));

    world.around().tablespaces.erase("16390");
    CHECK(outcome(world.make(latest)) == "B");
    world.details()->label = "A";
    const auto unknown = world.make(latest);
    CHECK(outcome(unknown) == "B");
    CHECK(std::ranges::any_of(unknown.warnings, [](const std::string& one) {
        return one.starts_with("which tablespaces backup 'B' has");
    }));
}

TEST_CASE("what cannot be stopped, and what is no primary, is not restored over", "[restore]") {
    auto world = two_backups();
    world.around().controlled = false;
    CHECK(outcome(world.make(latest)) == "B"); // it is stopped
    world.live(1, 50);
    CHECK(outcome(world.make(latest)) == "postgres_not_controlled");
    world.around().controlled = true;
    world.live(0, 50);
    CHECK_THAT(
        outcome(world.make(plan_request{latest, 1, {}, {}, {}})),
        ContainsSubstring("server_is_standby"));
}

TEST_CASE("a stanza without an archive has no repo to restore from", "[restore]") {
    const backrest::stanza_info empty;
    const auto made = make_plan({}, {.stanza = empty, .archives = {}});
    CHECK(outcome(made) == "repo_unknown place_unclear");
}

TEST_CASE("who follows the server must be acknowledged one by one", "[restore]") {
    auto world = two_backups();
    world.live(1, 50);
    world.server().manager = "Patroni";
    world.server().standbys = {"replica1", "replica2"};
    world.server().subscribers = {"reports"};
    world.server().slots = {"replica1", "reports"};
    world.server().prepared = {"tx"};
    world.server().tablespaces = {"/fast"};

    const auto made = world.make(latest);
    CHECK(outcome(made) == "managed_elsewhere standbys_attached subscribers_attached");
    CHECK(warns(made, "slots are lost: replica1, reports"));
    CHECK(warns(made, "/fast"));

    plan_request asked{.to = latest};
    asked.acknowledged = {reason::standbys_attached, reason::managed_elsewhere};
    CHECK(outcome(world.make(asked)) == "subscribers_attached");
    asked.acknowledged.push_back(reason::subscribers_attached);
    CHECK(outcome(world.make(asked)) == "B");
}

TEST_CASE("what is impossible cannot be acknowledged away", "[restore]") {
    plan_request asked{.to = to_time(when(6))};
    asked.acknowledged = {reason::target_before_set};
    CHECK(outcome(two_backups().make(asked)) == "target_before_set");
}

TEST_CASE("the way depends on the room", "[restore]") {
    auto world = two_backups();
    CHECK_FALSE(world.make(latest).how.has_value());

    world.room() = disk_room{12'000'000'000, 9'000'000'000};
    CHECK(world.make(latest).how == way::beside);
    world.room() = disk_room{10'100'000'000, 9'000'000'000};
    const auto tight = world.make(latest);
    CHECK(tight.how == way::in_place);
    CHECK(outcome(tight) == "B");
    CHECK(warns(tight, "10100.0 MB are free"));
    world.room() = disk_room{1'000'000'000, 9'000'000'000};
    CHECK(outcome(world.make(latest)) == "no_room");
    CHECK(to_string(way::beside) == "beside");
    CHECK(to_string(way::in_place) == "in_place");
}

TEST_CASE("a way that is asked for is taken when there is room for it", "[restore]") {
    auto world = two_backups();
    const auto asked = [](way how) { return plan_request{.to = latest, .how = how}; };
    CHECK(world.make(asked(way::in_place)).how == way::in_place);

    world.room() = disk_room{12'000'000'000, 9'000'000'000};
    CHECK(world.make(asked(way::in_place)).how == way::in_place);
    CHECK(outcome(world.make(asked(way::in_place))) == "B");
    world.room() = disk_room{10'100'000'000, 9'000'000'000};
    const auto tight = world.make(asked(way::beside));
    CHECK(outcome(tight) == "no_room");
    CHECK_THAT(tight.refusals[0].hint, ContainsSubstring("in_place"));
    CHECK(parse_way("beside") == way::beside);
    CHECK(parse_way("in_place") == way::in_place);
    CHECK_FALSE(parse_way("").has_value());
}

TEST_CASE(
    "a stopped server's files say whose they are and which timeline was in use", "[restore]") {
    restorable world;
    world.segments(1, 1, 40).backup("A", 1, 5, 6).backup("late", 1, 35, 36);
    world.fork(2, 1, 20).segments(2, 20, 30);
    CHECK(outcome(world.make(latest)) == "timeline_ambiguous");

    world.around().stopped = stopped_cluster{our_system, 1, true};
    const auto made = world.make(latest);
    CHECK(outcome(made) == "late");
    CHECK(made.system_id == our_system);
    CHECK_FALSE(warns(made, "did not shut down orderly"));
    world.around().stopped->shut_down = false;
    CHECK(warns(world.make(latest), "did not shut down orderly"));
    world.around().stopped->system_id = 1;
    CHECK(outcome(world.make(latest)) == "other_cluster");
}

TEST_CASE("a restore needs to know the one data directory", "[restore]") {
    auto world = two_backups();
    world.around().where.unclear = "pg1-path is '/a', and the server's data_directory is '/b'";
    const auto unclear = world.make(latest);
    CHECK(outcome(unclear) == "place_unclear");
    CHECK_THAT(unclear.refusals[0].message, ContainsSubstring("'/b'"));
    world.around().where = {};
    CHECK(outcome(world.make(latest)) == "place_unclear");
}

TEST_CASE("nothing is restored while pgbackrest is stopped", "[restore]") {
    auto world = two_backups();
    world.around().stop_files = {"/tmp/pgbackrest/main.stop"};
    world.around().warnings = {"the room is not known"};
    const auto made = world.make(latest);
    CHECK(outcome(made) == "stop_file");
    CHECK_THAT(made.refusals[0].message, ContainsSubstring("/tmp/pgbackrest/main.stop"));
    CHECK(warns(made, "the room is not known"));
}

TEST_CASE("what is carried over from the present cluster is told", "[restore]") {
    CHECK(warns(two_backups().make(latest), "pg_hba.conf"));
    CHECK_FALSE(warns(two_backups().make(to_time(when(6))), "pg_hba.conf"));
}

TEST_CASE("plans that do the same have one essence", "[restore]") {
    auto world = two_backups();
    plan_request asked{.to = to_time(when(25))};
    asked.acknowledged = {reason::standbys_attached, reason::commits_missing};
    const auto first = essence(world.make(asked), "main");
    std::swap(asked.acknowledged[0], asked.acknowledged[1]);
    world.around().warnings = {"something"};
    CHECK(essence(world.make(asked), "main") == first);

    CHECK(essence(world.make(asked), "other") != first);
    CHECK(essence(world.make(to_time(when(25))), "main") != first);
    CHECK(essence(world.make(to_time(when(24))), "main") != first);
    CHECK(essence(world.make(to_time(when(1))), "main") != first);
    world.around().where.configuration = "[global]";
    CHECK(essence(world.make(asked), "main") != first);
    world.around().where.configuration.clear();
    world.around().where.inode = 3;
    CHECK(essence(world.make(asked), "main") != first);
    world.around().where.inode = 2;
    world.room() = disk_room{12'000'000'000, 9'000'000'000};
    CHECK(essence(world.make(asked), "main") != first);
}

TEST_CASE("the time it takes is that of earlier restores, by their bytes", "[restore]") {
    auto world = two_backups();
    CHECK_FALSE(world.make(latest).expected_seconds.has_value());
    world.earlier() = {
        {0, 5}, {100, 0}, {1'000'000'000, 10}, {1'000'000'000, 1000}, {2'000'000'000, 10}};
    CHECK(world.make(latest).expected_seconds == Approx(100));
    CHECK_FALSE(world.make(latest).expected_downtime_seconds.has_value());

    world.room() = disk_room{12'000'000'000, 9'000'000'000};
    CHECK_FALSE(world.make(latest).expected_downtime_seconds.has_value());
    world.earlier().push_back({1'000'000'000, 10, way::beside, 0.5});
    world.earlier().push_back({1'000'000'000, 10, way::in_place, 10});
    CHECK(world.make(latest).expected_downtime_seconds == Approx(0.5));
    const plan_request in_place{.to = latest, .how = way::in_place};
    CHECK(world.make(in_place).expected_downtime_seconds == Approx(100));
}

TEST_CASE("wrong page checksums in the set are told", "[restore]") {
    auto world = two_backups();
    world.stanza().backups[1].page_error = true;
    CHECK(warns(world.make(latest), "wrong checksums"));
}

TEST_CASE("reasons have names", "[restore]") {
    for (int i = 0; i <= static_cast<int>(reason::subscribers_attached); ++i) {
        const auto why = static_cast<reason>(i);
        CHECK(parse_reason(to_string(why)) == why);
    }
    CHECK_FALSE(parse_reason("none").has_value());
}
