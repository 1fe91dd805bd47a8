#include "restore/child.hpp"
#include "restore_place.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace restpoint;
using namespace restpoint::restore;

namespace {

using test::restore_place;

bool is_there(const fs::path& path) {
    return fs::exists(fs::symlink_status(path));
}

} // namespace

TEST_CASE("what does not start privately never takes the place of the old cluster", "[restore]") {
    const restore_place place;

    const auto ended = place.carry_out(place.restore_order());

    CHECK(ended.how == ending::rolled_back);
    REQUIRE(ended.why.has_value());
    CHECK_THAT(ended.why->detail, ContainsSubstring("did not come to"));
    CHECK(place.live() == "the old cluster");
    CHECK_FALSE(is_there(place.root() / "job/new"));
    const auto report = boost::json::parse(ended.report).get_object();
    CHECK(report.at("outcome") == "rolled_back");
    CHECK(report.at("can_be_undone") == false);
    CHECK(place.journal_of("job").done() == "rolled_back");
}

TEST_CASE("what is done is not done again", "[restore]") {
    const restore_place place;
    const auto first = place.carry_out(place.restore_order());
    const auto calls = place.calls();

    const auto again = place.carry_out(place.restore_order());

    CHECK(again.how == first.how);
    CHECK(again.why->detail == first.why->detail);
    CHECK(place.calls() == calls);
    CHECK_FALSE(is_open(place.restore_order()));
}

TEST_CASE("a pgbackrest that fails leaves the old cluster as it is", "[restore]") {
    const restore_place place;
    place.script("pgbackrest", "mkdir -p \"$(dirname \"$0\")/seen\"; exit 26\n");

    const auto ended = place.carry_out(place.restore_order());

    CHECK(ended.how == ending::rolled_back);
    CHECK_THAT(ended.why->detail, ContainsSubstring("26"));
    CHECK(is_there(place.files / "seen"));
    CHECK(place.live() == "the old cluster");
}

TEST_CASE("a restore that is cancelled before it began has only a journal", "[restore]") {
    const restore_place place;

    const auto ended = place.carry_out(place.restore_order(), wish::turn_back);

    CHECK(ended.how == ending::cancelled);
    CHECK(place.live() == "the old cluster");
    CHECK(place.calls() == "(none)");
    CHECK_FALSE(place.journal_of("job").began(step::prepare));
}

TEST_CASE("a restore whose journal cannot be made touches nothing", "[restore]") {
    const restore_place place;
    place.files.write("pg/data.restpoint", "a file where the folder should be");

    const auto ended = place.carry_out(place.restore_order());

    CHECK(ended.how == ending::rolled_back);
    CHECK(ended.why->code == errc::io);
    CHECK(place.calls() == "(none)");
    CHECK(place.live() == "the old cluster");
}

TEST_CASE("a journal that another process holds is left to it", "[restore]") {
    const restore_place place;
    fs::create_directories(place.root() / "job");
    const auto held = journal::open(place.root() / "job", to_json(place.restore_order()));
    REQUIRE(held.has_value());

    const auto ended = place.carry_out(place.restore_order());

    CHECK(ended.how == ending::open);
    CHECK(ended.why->code == errc::conflict);
    CHECK(place.calls() == "(none)");
}

TEST_CASE("a journal that cannot be read is not taken for one of nothing", "[restore]") {
    const restore_place place;
    place.files.write("pg/data.restpoint/job/journal", std::string(1000, '\0'));

    const auto ended = place.carry_out(place.restore_order());

    CHECK(ended.how == ending::open);
    CHECK(ended.why->code == errc::invalid);
    CHECK(place.calls() == "(none)");
    CHECK(place.files.read("pg/data.restpoint/job/journal") == std::string(1000, '\0'));
}

TEST_CASE("an order that leads out of its folder is refused", "[restore]") {
    const restore_place place;
    for (const auto& name :
         {std::string(), std::string("."), std::string(".."), std::string("a/b"),
          std::string("a\0b", 3)}) {
        auto bad = place.restore_order();
        bad.folder = name;
        CHECK(place.carry_out(bad).how == ending::rolled_back);
        auto forget = place.undo_order();
        forget.what = errand::forget;
        forget.of = name;
        const auto ended = place.carry_out(forget);
        CHECK(ended.how == ending::rolled_back);
        CHECK(ended.why->code == errc::invalid);
    }
    CHECK(is_there(place.root() / "earlier/previous/PG_VERSION"));
    CHECK(place.live() == "the old cluster");
}

TEST_CASE("an undo by swap brings back what was there, and keeps what it replaces", "[restore]") {
    const restore_place place;
    place.files.write("ts/PG_15_202209061/1", "rows of the old");
    place.files.write("ts.previous-earlier/PG_15_202209061/1", "rows of the one before");
    const auto undo = place.undo_order();
    for (const auto& cluster : {place.data(), place.root() / "earlier/previous"}) {
        fs::create_directory(cluster / "pg_tblspc");
        fs::create_directory_symlink(place.files / "ts", cluster / "pg_tblspc/16385");
    }

    const auto ended = place.carry_out(undo);

    CHECK(ended.how == ending::committed);
    CHECK_FALSE(ended.why.has_value());
    CHECK(place.live() == "the one before");
    CHECK(place.files.read("ts/PG_15_202209061/1") == "rows of the one before");
    CHECK(place.files.read("pg/data.restpoint/job/previous/base/which") == "the old cluster");
    CHECK(place.files.read("ts.previous-job/PG_15_202209061/1") == "rows of the old");
    CHECK_FALSE(is_there(place.root() / "earlier/previous"));
    CHECK(kept_restores(place.data()).size() == 2);
    CHECK(open_restores(place.data()).empty());
    CHECK(strange_restores(place.data()).empty());
}

TEST_CASE("an undo that was killed in its swap goes on, wherever that was", "[restore]") {
    const auto begun = [](const restore_place& place, const order& undo) {
        std::vector<entry> entries{{entry_word::note, "server stopped"}};
        for (const auto one : {step::prepare, step::stop, step::settle}) {
            entries.push_back({entry_word::begin, std::string(to_string(one))});
            entries.push_back({entry_word::end, std::string(to_string(one))});
        }
        entries.push_back({entry_word::begin, "swap"});
        place.write_journal(undo, entries);
        CHECK(is_open(undo));
    };
    for (int renames = 0; renames <= 2; ++renames) {
        INFO(renames << " renames were done");
        for (const auto asked : {wish::go_on, wish::turn_back}) {
            const restore_place place;
            const auto undo = place.undo_order();
            begun(place, undo);
            if (renames > 0) {
                fs::rename(place.data(), place.root() / "job/previous");
            }
            if (renames > 1) {
                fs::rename(place.root() / "earlier/previous", place.data());
            }

            const auto ended = place.carry_out(undo, asked);

            const bool forward = asked == wish::go_on;
            CHECK(ended.how == (forward ? ending::committed : ending::cancelled));
            CHECK(place.live() == (forward ? "the one before" : "the old cluster"));
            const auto* const other = forward ? "pg/data.restpoint/job/previous/base/which"
                                              : "pg/data.restpoint/earlier/previous/base/which";
            CHECK(place.files.read(other) == (forward ? "the old cluster" : "the one before"));
        }
    }
}

TEST_CASE("a data directory that is missing comes back as one that is empty", "[restore]") {
    const restore_place place;
    const auto undo = place.undo_order();
    fs::remove_all(place.data());

    CHECK(place.carry_out(undo).how == ending::committed);

    CHECK(place.live() == "the one before");
    CHECK(fs::is_empty(place.root() / "job/previous"));
}

TEST_CASE("an undo of what is gone changes nothing", "[restore]") {
    const restore_place place;
    const auto undo = place.undo_order();
    fs::remove_all(place.root() / "earlier/previous");

    const auto ended = place.carry_out(undo);

    CHECK(ended.how == ending::rolled_back);
    CHECK_THAT(ended.why->detail, ContainsSubstring("not there any more"));
    CHECK(place.live() == "the old cluster");
}

TEST_CASE("the lock that a killed pgbackrest has left for a moment is waited for", "[restore]") {
    const restore_place place;
    place.script(
        "pgbackrest", "log=\"$(dirname \"$0\")/calls\"\n"
                      "echo \"$*\" >> \"$log\"\n"
                      "test \"$(wc -l < \"$log\")\" -gt 2 && exit 41\n"
                      "exit 50\n");

    const auto ended = place.carry_out(place.restore_order());

    CHECK(ended.how == ending::rolled_back);
    CHECK_THAT(ended.why->detail, ContainsSubstring("(41)"));
    CHECK(place.live() == "the old cluster");
}

TEST_CASE("a tablespace with another cluster's files in it is not swapped", "[restore]") {
    const restore_place place;
    place.files.write("ts/PG_15_202209061/1", "ours");
    place.files.write("ts/PG_14_202107181/1", "of a server that runs");
    fs::create_directory(place.data() / "pg_tblspc");
    fs::create_directory_symlink(place.files / "ts", place.data() / "pg_tblspc/16385");

    const auto ended = place.carry_out(place.restore_order());

    CHECK(ended.how == ending::rolled_back);
    CHECK_THAT(ended.why->detail, ContainsSubstring("PG_14_202107181"));
    CHECK(place.calls() == "(none)");
    CHECK(place.files.read("ts/PG_14_202107181/1") == "of a server that runs");
}

TEST_CASE("in place the way back restores the old timeline and what was kept of it", "[restore]") {
    const restore_place place;
    const std::string kept = "000000010000000000000005";
    place.files.write("pg/data/pg_wal/" + kept, test::segment(5));
    place.files.write(
        "pg/data/pg_wal/000000010000000000000009", test::segment(3)); // renamed in advance
    auto over = place.restore_order();
    over.how = way::in_place;
    over.databases = {"shop"};
    // It is not started before a server of its own has replayed what was kept, and there is none here.
    place.script("bin/postgres", R"sh(starts="$(dirname "$0")/starts"
echo >> "$starts"
[ "$(wc -l < "$starts")" -lt 2 ] || kill -TERM $PPID
exit 1
)sh");

    const auto child = ::fork();
    if (child == 0) {
        ::_exit(static_cast<int>(place.carry_out(over).how));
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);

    CHECK(WEXITSTATUS(status) == static_cast<int>(ending::open));
    CHECK(place.live() == over.back_set);
    CHECK(place.files.read("pg/data/pg_wal/" + kept) == test::segment(5));
    CHECK_FALSE(is_there(place.data() / "pg_wal/000000010000000000000009"));
    const auto calls = place.calls();
    const auto way_back = calls.substr(calls.find("--set=" + over.back_set));
    CHECK_THAT(calls, ContainsSubstring("--db-include=shop"));
    CHECK_THAT(way_back, !ContainsSubstring("--db-include")); // the old cluster comes back whole
    CHECK(place.files.read("pg/data/pg_hba.conf") == "local all all peer\n");
    CHECK(is_there(place.data() / "standby.signal"));
    CHECK_FALSE(is_there(place.data() / "recovery.signal"));
    const auto settings = place.files.read("pg/data/postgresql.auto.conf");
    CHECK_THAT(settings, ContainsSubstring("recovery_target_timeline = '1'"));
}

TEST_CASE("configuration in folders comes back as it was", "[restore]") {
    const restore_place place;
    place.files.write("pg/data/postgresql.conf", "include_dir = 'conf.d'\n");
    place.files.write("pg/data/conf.d/own.conf", "work_mem = '1MB'\n");
    place.script(
        "pgbackrest",
        "for a in \"$@\"; do case \"$a\" in --pg1-path=*) into=\"${a#*=}\";; esac; done\n"
        "case \" $* \" in *\" repo-ls \"*) echo '{}'; exit 0;; esac\n"
        "rm -rf \"$into\"/* ; mkdir -p \"$into/pg_wal\" \"$into/conf.d\"\n"
        "echo 15 > \"$into/PG_VERSION\"; echo x > \"$into/conf.d/old.conf\"\n"
        "echo x > \"$into/conf.d/notes\"\n");
    auto over = place.restore_order();
    over.how = way::in_place;

    const auto ended = place.carry_out(over);

    CHECK(ended.how == ending::rolled_back);
    CHECK(place.files.read("pg/data/conf.d/own.conf") == "work_mem = '1MB'\n");
    CHECK_FALSE(is_there(place.data() / "conf.d/old.conf"));
    CHECK(is_there(place.data() / "conf.d/notes"));
}

TEST_CASE("in place nothing is overwritten that no backup leads back to", "[restore]") {
    const restore_place place;
    auto over = place.restore_order();
    over.how = way::in_place;
    over.back_set.clear();

    const auto ended = place.carry_out(over);

    CHECK(ended.how == ending::rolled_back);
    CHECK_THAT(ended.why->detail, ContainsSubstring("leads back"));
    CHECK(place.live() == "the old cluster");
    CHECK(place.calls() == "(none)");
}

TEST_CASE("in place an empty directory is empty again when the restore fails", "[restore]") {
    const restore_place place;
    fs::remove_all(place.data());
    fs::create_directory(place.data());
    auto over = place.restore_order();
    over.how = way::in_place;
    over.back_set.clear();

    const auto ended = place.carry_out(over);

    CHECK(ended.how == ending::rolled_back);
    CHECK(fs::is_empty(place.data()));
    CHECK_FALSE(is_there(place.root() / "job/new"));
}

TEST_CASE("forgetting removes what an undo would need, and nothing else", "[restore]") {
    const restore_place place;
    auto forget = place.undo_order();
    forget.what = errand::forget;
    place.files.write("ts/PG_15_202209061/1", "rows");
    place.files.write("ts.previous-earlier/PG_15_202209061/1", "rows of the one before");
    fs::create_directory(place.root() / "earlier/previous/pg_tblspc");
    fs::create_directory_symlink(
        place.files / "ts", place.root() / "earlier/previous/pg_tblspc/16385");

    CHECK(place.carry_out(forget).how == ending::committed);

    CHECK_FALSE(is_there(place.root() / "earlier"));
    CHECK_FALSE(is_there(place.files / "ts.previous-earlier"));
    CHECK(place.files.read("ts/PG_15_202209061/1") == "rows");
    CHECK(place.live() == "the old cluster");
    CHECK(place.carry_out(forget).how == ending::committed);
    auto again = forget;
    again.folder = "another job";
    CHECK(place.carry_out(again).how == ending::committed);
}

TEST_CASE("what a restore that is not at its end keeps is never forgotten", "[restore]") {
    const restore_place place;
    auto forget = place.undo_order();
    forget.what = errand::forget;
    fs::remove(place.root() / "earlier/journal");
    place.write_journal("earlier", {{entry_word::begin, "prepare"}});

    const auto open = place.carry_out(forget);
    place.files.write("pg/data.restpoint/earlier/journal", "damaged");
    const auto damaged = place.carry_out(forget);

    CHECK(open.why->code == errc::conflict);
    CHECK(damaged.why->code == errc::conflict);
    CHECK(damaged.how == ending::rolled_back);
    CHECK(place.files.read("pg/data.restpoint/earlier/previous/base/which") == "the one before");
}

TEST_CASE("a forget that was killed halfway is finished", "[restore]") {
    const restore_place place;
    auto forget = place.undo_order();
    forget.what = errand::forget;
    place.write_journal(forget, {{entry_word::begin, "discard_kept"}});
    fs::remove(place.root() / "earlier/journal");

    CHECK(place.carry_out(forget).how == ending::committed);

    CHECK_FALSE(is_there(place.root() / "earlier"));
}

TEST_CASE("restore-exec refuses an order that it cannot read", "[restore]") {
    const test::temporary_folder folder;
    const auto run = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {RESTPOINT_PROGRAM, "restore-exec"});
        const auto ended = run_child(
            std::move(arguments), {"PATH=/usr/bin:/bin", "RESTPOINT_LOG_LEVEL=error"},
            output::kept);
        REQUIRE(ended.has_value());
        return ended->exit_code;
    };
    const auto order = folder.write("order", "{\"errand\": \"restore\"}").native();
    const auto config = folder.write("restpoint.toml", "").native();

    CHECK(run({order, "--", "--config", config}) == 2);
    CHECK(run({folder.path() / "missing", "--", "--config", config}) == 2);
    CHECK(run({order}) == 2);
    CHECK(run({}) == 2);
    CHECK_FALSE(is_there(folder / "order.report"));
}
