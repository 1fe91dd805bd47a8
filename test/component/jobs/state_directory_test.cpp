#include "jobs/state_directory.hpp"
#include "store_fixture.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const fs::path& path) {
    struct stat found{};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 07777U;
}

failure refused(const fs::path& path) {
    auto claimed = state_directory::claim(path);
    REQUIRE_FALSE(claimed);
    return claimed.error();
}

/// The working directory, until the end of the scope.
class working_in {
  public:
    explicit working_in(const fs::path& path) : before_(fs::current_path()) {
        fs::current_path(path);
    }
    working_in(const working_in&) = delete;
    working_in& operator=(const working_in&) = delete;
    ~working_in() {
        std::error_code ignored;
        fs::current_path(before_, ignored);
    }

  private:
    fs::path before_;
};

} // namespace

TEST_CASE("a claim makes the folders, for their owner only", "[component][jobs]") {
    const temporary_folder folder;
    const auto path = folder.path() / "state";

    const auto claimed = state_directory::claim(path);

    REQUIRE(claimed);
    CHECK(claimed->path() == path);
    CHECK(claimed->jobs() == path / "jobs");
    CHECK(mode_of(path) == 0700);
    CHECK(mode_of(path / "jobs") == 0700);
    CHECK_FALSE(fs::exists(path / "jobs" / "restpoint.probe"));
}

TEST_CASE("a second claim is refused with the pid of the first", "[component][jobs]") {
    const temporary_folder folder;
    const auto first = state_directory::claim(folder.path());
    REQUIRE(first);

    const auto why = refused(folder.path());

    CHECK(why.code == errc::conflict);
    CHECK_THAT(why.detail, ContainsSubstring("(pid " + std::to_string(::getpid()) + ")"));
    CHECK_THAT(why.detail, ContainsSubstring(folder.path().native()));
}

TEST_CASE("the lock ends with its owner, and what it leaves is no obstacle", "[component][jobs]") {
    const temporary_folder folder;
    {
        const auto first = state_directory::claim(folder.path());
        REQUIRE(first);
    }
    std::ofstream(folder.path() / "restpoint.lock") << "4194304999 and much more text\n";

    const auto second = state_directory::claim(folder.path());
    REQUIRE(second);

    CHECK_THAT(
        refused(folder.path()).detail,
        ContainsSubstring("(pid " + std::to_string(::getpid()) + ")"));
}

TEST_CASE("a relative path and one that ends in a slash are made absolute", "[component][jobs]") {
    const temporary_folder folder;
    const working_in there{folder.path()};

    {
        const auto relative = state_directory::claim("state");
        REQUIRE(relative);
        CHECK(fs::equivalent(relative->path(), folder.path() / "state"));
        CHECK(relative->path().is_absolute());
    }
    const auto slash = state_directory::claim(folder.path() / "other/");
    REQUIRE(slash);
    CHECK(slash->path() == folder.path() / "other");
}

TEST_CASE("a missing parent is refused and not made", "[component][jobs]") {
    const temporary_folder folder;

    const auto why = refused(folder.path() / "typing-error" / "state");

    CHECK(why.code == errc::unusable_state);
    CHECK_THAT(why.detail, ContainsSubstring("typing-error"));
    CHECK_FALSE(why.hint.empty());
    CHECK_FALSE(fs::exists(folder.path() / "typing-error"));
}

TEST_CASE("a path without a name is refused", "[component][jobs]") {
    CHECK(refused("").code == errc::unusable_state);
}

TEST_CASE("a file where the folder should be is refused", "[component][jobs]") {
    const temporary_folder folder;
    const auto path = folder.path() / "state";
    std::ofstream(path) << "x";

    const auto why = refused(path);

    CHECK(why.code == errc::unusable_state);
    CHECK_THAT(why.detail, ContainsSubstring("is not a folder"));
}

TEST_CASE(
    "a folder into which others may write is refused, one they may read is not",
    "[component][jobs]") {
    const temporary_folder folder;
    for (const mode_t mode : {0770U, 0707U, 0777U}) {
        CAPTURE(mode);
        REQUIRE(::chmod(folder.path().c_str(), mode) == 0);

        const auto why = refused(folder.path());

        CHECK(why.code == errc::unusable_state);
        CHECK_THAT(why.hint, ContainsSubstring("chmod"));
    }
    REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
    CHECK(state_directory::claim(folder.path()));
}

TEST_CASE("somebody else's folder is refused with both users", "[component][jobs]") {
    const temporary_folder folder;
    if (::chown(folder.path().c_str(), 4242, 4242) != 0) {
        WARN("SKIPPED, only root can give a folder away");
        return;
    }

    const auto why = refused(folder.path());

    CHECK(why.code == errc::unusable_state);
    CHECK_THAT(why.detail, ContainsSubstring("4242"));
    CHECK_THAT(why.detail, ContainsSubstring("uid " + std::to_string(::geteuid())));
}

TEST_CASE("a read-only file system is refused", "[component][jobs]") {
    const temporary_folder folder;
    const small_disk disk{folder.path(), "size=32m,mode=0700"};
    if (!disk.usable()) {
        return;
    }
    REQUIRE(disk.make_read_only());

    const auto why = refused(folder.path());

    CHECK(why.code == errc::unusable_state);
    CHECK_THAT(why.detail, ContainsSubstring("read-only"));
    CHECK(refused(folder.path() / "state").code == errc::unusable_state);
}

TEST_CASE("less than 16 MiB of free space is refused", "[component][jobs]") {
    const temporary_folder folder;
    const small_disk disk{folder.path(), "size=15m,mode=0700"};
    if (!disk.usable()) {
        return;
    }

    const auto why = refused(folder.path());

    CHECK(why.code == errc::unusable_state);
    CHECK_THAT(why.detail, ContainsSubstring("and 16 are needed"));
    CHECK_FALSE(fs::exists(folder.path() / "restpoint.lock"));
}

TEST_CASE("a lock that is a symbolic link is not followed", "[component][jobs]") {
    const temporary_folder folder;
    const auto victim = folder.path() / "victim";
    std::ofstream(victim) << "precious";
    fs::create_directory(folder.path() / "state");
    REQUIRE(::chmod((folder.path() / "state").c_str(), 0700) == 0);
    fs::create_symlink(victim, folder.path() / "state" / "restpoint.lock");

    CHECK(refused(folder.path() / "state").code == errc::unusable_state);

    CHECK(fs::file_size(victim) == 8);
}
