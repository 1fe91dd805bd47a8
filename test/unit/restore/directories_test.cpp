#include "restore/directories.hpp"
#include "support/catch.hpp"
#include "temporary_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <string>
#include <vector>

namespace fs = std::filesystem;
using namespace restpoint;
using namespace restpoint::restore;

namespace {

using test::temporary_folder;

/// A process of ours that does something and then waits until it is let go.
class waiting_child {
  public:
    explicit waiting_child(const std::function<void()>& what) {
        std::array<int, 2> ready{};
        REQUIRE(::pipe2(ready.data(), O_CLOEXEC) == 0);
        REQUIRE(::pipe2(hold_.data(), O_CLOEXEC) == 0);
        pid_ = ::fork();
        REQUIRE(pid_ >= 0);
        if (pid_ == 0) {
            ::close(hold_[1]);
            what();
            char byte = 'r';
            [[maybe_unused]] auto n = ::write(ready[1], &byte, 1);
            n = ::read(hold_[0], &byte, 1); // ends when our parent lets go, or is gone
            ::_exit(0);
        }
        ::close(hold_[0]);
        ::close(ready[1]);
        char byte = 0;
        REQUIRE(::read(ready[0], &byte, 1) == 1);
        ::close(ready[0]);
    }
    ~waiting_child() {
        ::close(hold_[1]);
        ::waitpid(pid_, nullptr, 0);
    }
    waiting_child(const waiting_child&) = delete;
    waiting_child& operator=(const waiting_child&) = delete;

    [[nodiscard]] std::string pid() const { return std::to_string(pid_); }

  private:
    std::array<int, 2> hold_{};
    pid_t pid_ = 0;
};

std::vector<std::string> names_of(const std::vector<fs::path>& files) {
    std::vector<std::string> names;
    for (const auto& file : files) {
        names.push_back(file.filename().native());
    }
    return names;
}

} // namespace

TEST_CASE("directories outside are found by their links, tablespaces first", "[restore]") {
    const temporary_folder folder;
    fs::create_directories(folder / "data/pg_tblspc");
    fs::create_directories(folder / "fast disk");
    fs::create_directory_symlink(folder / "gone", folder / "data/pg_tblspc/20000");
    fs::create_directory_symlink(folder / "fast disk", folder / "data/pg_tblspc/16385");
    fs::create_directory_symlink("../wal", folder / "data/pg_wal");
    fs::create_directory(folder / "data/pg_tblspc/30000"); // in place (PostgreSQL 15)

    const auto found = outside_of(folder / "data");

    CHECK(
        found == std::vector<outside_directory>{
                     {"pg_tblspc/16385", folder / "fast disk"},
                     {"pg_tblspc/20000", folder / "gone"},
                     {"pg_wal", folder / "wal"}});
    CHECK(outside_of(folder / "missing").empty());
}

TEST_CASE("a location is the directory itself, however a link writes it", "[restore]") {
    const temporary_folder folder;
    fs::create_directories(folder / "disk/wal");
    fs::create_directory_symlink(folder / "disk", folder / "current");
    fs::create_directories(folder / "data");

    for (const auto* written : {"disk/wal/", "current/wal", "current/../disk//wal/."}) {
        INFO(written);
        fs::remove(folder / "data/pg_wal");
        fs::create_directory_symlink(
            folder.path().native() + "/" + written, folder / "data/pg_wal");
        const auto found = outside_of(folder / "data");
        REQUIRE(found.size() == 1);
        CHECK(found.front().location == folder / "disk/wal");
    }
    fs::remove(folder / "data/pg_wal");
    fs::create_directory_symlink(folder.path().native() + "/nowhere/", folder / "data/pg_wal");
    CHECK(outside_of(folder / "data").front().location == folder / "nowhere");
}

TEST_CASE("a mount point is one, and a plain folder is none", "[restore]") {
    const temporary_folder folder;
    fs::create_directory_symlink("/proc", folder / "link");

    CHECK(is_mount_point("/"));
    CHECK(is_mount_point("/proc"));
    CHECK(is_mount_point("/proc/"));
    CHECK(is_mount_point(folder / "link"));
    CHECK_FALSE(is_mount_point(folder.path()));
    CHECK_FALSE(is_mount_point(folder / "missing"));
}

TEST_CASE(
    "the work of restores lies beside the data, or in it when it is a mount point", "[restore]") {
    const temporary_folder folder;

    CHECK(work_root(folder / "data") == fs::path((folder / "data").native() + ".restpoint"));
    CHECK(work_root("/proc") == "/proc/.restpoint");
}

TEST_CASE("entries are moved, all but the work of restores", "[restore]") {
    const temporary_folder folder;
    folder.write("data/PG_VERSION", "15\n");
    folder.write("data/base/1/2", "rows");
    folder.write("data/.hidden", "too");
    folder.write("data/.restpoint/job/journal", "{}");
    fs::create_directories(folder / "data/lost+found");
    fs::create_symlink("nowhere", folder / "data/pg_wal");

    CHECK(move_entries(folder / "data", folder / "aside/previous").has_value());

    CHECK(folder.read("aside/previous/PG_VERSION") == "15\n");
    CHECK(folder.read("aside/previous/base/1/2") == "rows");
    CHECK(folder.read("aside/previous/.hidden") == "too");
    CHECK(fs::is_symlink(folder / "aside/previous/pg_wal"));
    CHECK(fs::status(folder / "aside/previous").permissions() == fs::perms::owner_all);
    CHECK(folder.read("data/.restpoint/job/journal") == "{}");
    CHECK(fs::exists(folder / "data/lost+found"));
    CHECK_FALSE(fs::exists(folder / "data/PG_VERSION"));
}

TEST_CASE("a move of entries that was cut off is finished by the next one", "[restore]") {
    const temporary_folder folder;
    folder.write("data/base/1", "rows");
    folder.write("previous/global/pg_control", "moved already");

    CHECK(move_entries(folder / "data", folder / "previous").has_value());
    CHECK(move_entries(folder / "data", folder / "previous").has_value());

    CHECK(folder.read("previous/base/1") == "rows");
    CHECK(folder.read("previous/global/pg_control") == "moved already");
    CHECK_FALSE(move_entries(folder / "missing", folder / "previous").has_value());
}

TEST_CASE("a move never mixes two directories of one name", "[restore]") {
    const temporary_folder folder;
    folder.write("data/base/1", "new");
    folder.write("previous/base/1", "old");

    CHECK_FALSE(move_entries(folder / "data", folder / "previous").has_value());

    CHECK(folder.read("data/base/1") == "new");
    CHECK(folder.read("previous/base/1") == "old");
}

TEST_CASE("a directory is empty when only our work and the mount's are in it", "[restore]") {
    const temporary_folder folder;
    fs::create_directories(folder / "data/lost+found");
    folder.write("data/.restpoint/job/journal", "{}");

    CHECK(is_empty_or_missing(folder / "missing"));
    CHECK(is_empty_or_missing(folder / "data"));
    folder.write("data/PG_VERSION", "15\n");
    CHECK_FALSE(is_empty_or_missing(folder / "data"));
    CHECK_FALSE(is_empty_or_missing(folder / "data/PG_VERSION")); // what it is nobody knows
}

TEST_CASE("a tablespace may hold what belongs to a cluster of another version", "[restore]") {
    const temporary_folder folder;
    folder.write("ts/PG_15_202209061/5/1", "rows");

    CHECK(foreign_in(folder / "ts", "15").empty());
    CHECK(foreign_in(folder / "ts", "1") == "PG_15_202209061");
    folder.write("ts/PG_14_202107181/5/1", "rows of another");
    CHECK(foreign_in(folder / "ts", "15") == "PG_14_202107181");
    CHECK(foreign_in(folder / "missing", "15").empty());
}

TEST_CASE("a move keeps the mode of a directory that is there", "[restore]") {
    const temporary_folder folder;
    folder.write("previous/PG_VERSION", "15\n");
    fs::create_directory(folder / "data");
    REQUIRE(::chmod((folder / "data").c_str(), 0750) == 0);

    CHECK(move_entries(folder / "previous", folder / "data").has_value());

    CHECK(fs::status(folder / "data").permissions() == fs::perms(0750));
    CHECK(folder.read("data/PG_VERSION") == "15\n");
}

TEST_CASE("a rename may be asked for twice", "[restore]") {
    const temporary_folder folder;
    folder.write("data/PG_VERSION", "15\n");

    CHECK(rename_directory(folder / "data", folder / "previous").has_value());
    CHECK(rename_directory(folder / "data", folder / "previous").has_value());

    CHECK(folder.read("previous/PG_VERSION") == "15\n");
}

TEST_CASE("a rename overwrites no directory with files in it", "[restore]") {
    const temporary_folder folder;
    folder.write("data/PG_VERSION", "15\n");
    folder.write("previous/PG_VERSION", "14\n");

    const auto moved = rename_directory(folder / "data", folder / "previous");

    REQUIRE_FALSE(moved.has_value());
    CHECK_THAT(moved.error().detail, ContainsSubstring("cannot rename"));
    CHECK(folder.read("data/PG_VERSION") == "15\n");
    CHECK(folder.read("previous/PG_VERSION") == "14\n");
    CHECK_FALSE(rename_directory(folder / "missing", folder / "nowhere").has_value());
}

TEST_CASE("a link is led elsewhere, whatever it led to", "[restore]") {
    const temporary_folder folder;
    fs::create_directories(folder / "data/pg_tblspc");
    const outside_directory where{"pg_tblspc/16385", folder / "new place"};
    fs::create_symlink("half done", folder / "data/pg_tblspc/16385.restpoint"); // by a crash

    CHECK(point_link(folder / "data", where).has_value());
    CHECK(point_link(folder / "data", {where.link, folder / "another"}).has_value());
    CHECK(point_link(folder / "data", where).has_value());

    CHECK(fs::read_symlink(folder / "data/pg_tblspc/16385") == folder / "new place");
    CHECK_FALSE(fs::is_symlink(folder / "data/pg_tblspc/16385.restpoint"));
}

TEST_CASE("a link takes the place of no directory", "[restore]") {
    const temporary_folder folder;
    folder.write("data/pg_wal/000000010000000000000001", "wal");

    CHECK_FALSE(point_link(folder / "data", {"pg_wal", folder / "wal"}).has_value());
    CHECK_FALSE(point_link(folder / "missing", {"pg_wal", folder / "wal"}).has_value());

    CHECK(folder.read("data/pg_wal/000000010000000000000001") == "wal");
}

TEST_CASE("a file is copied whole, with its mode, over what was there", "[restore]") {
    const temporary_folder folder;
    const auto key = folder.write("data/server.key", "secret");
    const auto empty = folder.write("data/pg_ident.conf", "");
    folder.write("new/server.key", "an older and longer secret");
    folder.write("new/server.key.restpoint", "half of it, by a crash");
    REQUIRE(::chmod(key.c_str(), 0400) == 0);

    CHECK(copy_synced(key, folder / "new").has_value());
    CHECK(copy_synced(empty, folder / "new").has_value());

    CHECK(folder.read("new/server.key") == "secret");
    CHECK(fs::status(folder / "new/server.key").permissions() == fs::perms::owner_read);
    CHECK(folder.read("new/pg_ident.conf").empty());
    CHECK_FALSE(fs::exists(folder / "new/server.key.restpoint"));
    CHECK(folder.read("data/server.key") == "secret");
}

TEST_CASE("a copy that fails leaves what was there", "[restore]") {
    const temporary_folder folder;
    folder.write("new/pg_hba.conf", "local all all peer\n");

    CHECK_FALSE(copy_synced(folder / "data/pg_hba.conf", folder / "new").has_value());
    CHECK_FALSE(copy_synced(folder / "new/pg_hba.conf", folder / "missing").has_value());

    CHECK(folder.read("new/pg_hba.conf") == "local all all peer\n");
}

TEST_CASE("configuration is what the operator wrote, and no state of the server", "[restore]") {
    const temporary_folder folder;
    for (const auto* name :
         {"PG_VERSION", "postmaster.pid", "current_logfiles", "backup_manifest", "tablespace_map",
          "backup_label", "backup_label.old", "standby.signal", "recovery.signal",
          "postgresql.auto.conf.tmp", "pg_hba.conf", "pg_ident.conf", "postgresql.conf",
          "postgresql.auto.conf", "server.key", "server.crt", "base/1"}) {
        folder.write(std::string("data/") + name, "x");
    }
    fs::create_symlink("nowhere", folder / "data/dangling.conf");

    CHECK(
        names_of(configuration_files(folder / "data")) ==
        std::vector<std::string>{
            "pg_hba.conf", "pg_ident.conf", "postgresql.auto.conf", "postgresql.conf", "server.crt",
            "server.key"});
    CHECK(configuration_files(folder / "missing").empty());
}

TEST_CASE("a process that works in a directory uses it", "[restore]") {
    const temporary_folder folder;
    fs::create_directories(folder / "data/base");
    fs::create_directories(folder / "database");
    fs::create_directory_symlink(folder / "data", folder / "link");
    const auto base = (folder / "data/base").native();
    const waiting_child child([&] { REQUIRE(::chdir(base.c_str()) == 0); });

    CHECK_THAT(who_uses(folder / "data"), StartsWith(child.pid() + " "));
    CHECK_THAT(who_uses(folder / "link"), StartsWith(child.pid() + " "));
    CHECK_THAT(who_uses(folder / "data/base"), StartsWith(child.pid() + " "));
    CHECK(who_uses(folder / "dat").empty());
    CHECK(who_uses(folder / "database").empty());
}

TEST_CASE("a process that has a file open uses the directory, until it ends", "[restore]") {
    const temporary_folder folder;
    const auto file = folder.write("data/base/1", "rows");
    {
        const waiting_child child([&] { REQUIRE(::open(file.c_str(), O_RDONLY) >= 0); });
        CHECK_THAT(who_uses(folder / "data"), StartsWith(child.pid() + " "));
    }
    CHECK(who_uses(folder / "data").empty());
}

TEST_CASE("our own open files do not count", "[restore]") {
    const temporary_folder folder;
    const auto file = folder.write("data/base/1", "rows");
    const int open = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(open >= 0);

    CHECK(who_uses(folder / "data").empty());

    ::close(open);
}

TEST_CASE("segments are whole ones, sorted", "[restore]") {
    const temporary_folder folder;
    for (const auto* name :
         {"000000020000000000000001", "00000001000000000000000A",
          "000000010000000000000003.partial", "00000002.history",
          "000000010000000000000002.00000028.backup", "RECOVERYXLOG"}) {
        folder.write(std::string("wal/") + name, "x");
    }
    folder.write("wal/archive_status/000000010000000000000009", "x");

    CHECK(
        segments_in(folder / "wal") ==
        std::vector<std::string>{"00000001000000000000000A", "000000020000000000000001"});
    CHECK(segments_in(folder / "missing").empty());
}

TEST_CASE("the histories of timelines in a folder are told from all else", "[restore]") {
    const temporary_folder folder;
    for (const auto* name :
         {"0000000A.history", "00000002.history", "00000000.history", "2.history",
          "00000002.history.done", "000000020000000000000001"}) {
        folder.write(std::string("wal/") + name, "x");
    }

    CHECK(
        histories_in(folder / "wal") ==
        std::vector<std::string>{"00000002.history", "0000000A.history"});
    CHECK(histories_in(folder / "missing").empty());
}

TEST_CASE("a relative link leads from where its cluster lay", "[restore]") {
    const test::temporary_folder folder;
    fs::create_directories(folder / "pg/data.restpoint/job/previous");
    fs::create_directories(folder / "pg/wal");
    fs::create_directory_symlink("../wal", folder / "pg/data.restpoint/job/previous/pg_wal");

    const auto found = outside_of(folder / "pg/data.restpoint/job/previous", folder / "pg/data");

    CHECK(found == std::vector<outside_directory>{{"pg_wal", folder / "pg/wal"}});
}
