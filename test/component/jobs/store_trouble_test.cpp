// The store in trouble: damaged and foreign files, newer schemas, killed writers, full disks.
#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "jobs/sqlite.hpp"
#include "jobs/store.hpp"
#include "store_fixture.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;

namespace {

void with_raw(const std::filesystem::path& folder, const std::string& script) {
    auto raw = database::open(folder / "restpoint.db");
    REQUIRE(raw);
    REQUIRE((*raw)->run(script));
}

/// A store with `jobs` rows, closed.
void make_store(const std::filesystem::path& folder, int jobs) {
    const auto rows = opened(folder);
    for (int i = 0; i < jobs; ++i) {
        REQUIRE(run(rows->insert(a_backup())));
    }
}

void overwrite(const std::filesystem::path& file, off_t at, std::size_t bytes) {
    const unique_fd fd{::open(file.c_str(), O_WRONLY | O_CLOEXEC)};
    REQUIRE(fd);
    const std::string rubbish(bytes, '\x5a');
    REQUIRE(::pwrite(fd.get(), rubbish.data(), bytes, at) == static_cast<ssize_t>(bytes));
}

failure refused(const std::filesystem::path& folder) {
    auto rows = store::open(folder);
    REQUIRE_FALSE(rows);
    return rows.error();
}

/// Takes all the space there is.
void fill(const std::filesystem::path& file) {
    const unique_fd fd{::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    REQUIRE(fd);
    for (const std::size_t step : {65536U, 4096U, 1U}) {
        while (write_all(fd.get(), std::string(step, 'x'))) {
        }
    }
}

/// In a child: writes rows and tells each id that was acknowledged, until it is killed.
[[noreturn]] void write_for_ever(const std::filesystem::path& folder, int tell) {
    auto rows = store::open(folder);
    for (int i = 0; rows && i < 100000; ++i) {
        auto job = a_backup(job_state::running);
        job.log_lines = static_cast<std::uint64_t>(i);
        const auto id = run((*rows)->insert(job));
        if (!id || !write_all(tell, std::string_view(reinterpret_cast<const char*>(&*id), 8))) {
            break;
        }
    }
    ::_exit(1);
}

/// The next acknowledged id; 0 when the writer has ended, or says nothing for ten seconds.
job_id next_id(int from) {
    pollfd ready{from, POLLIN, 0};
    job_id id = 0;
    const bool got = ::poll(&ready, 1, 10000) == 1 && ::read(from, &id, sizeof id) == sizeof id;
    return got ? id : 0;
}

} // namespace

TEST_CASE("a newer schema is refused with both versions", "[component][jobs]") {
    const temporary_folder folder;
    make_store(folder.path(), 1);
    with_raw(folder.path(), "pragma user_version = 99;");

    const auto why = refused(folder.path());

    CHECK(why.code == errc::unusable_state);
    CHECK_THAT(why.detail, ContainsSubstring("schema version 99"));
    CHECK_THAT(why.detail, ContainsSubstring("up to 8"));
    CHECK_FALSE(why.hint.empty());
}

TEST_CASE("another program's database is refused and left alone", "[component][jobs]") {
    const temporary_folder folder;
    with_raw(folder.path(), "create table jobs (mine text); insert into jobs values ('x');");

    const auto why = refused(folder.path());

    CHECK(why.code == errc::unusable_state);
    CHECK_THAT(why.detail, ContainsSubstring("another program"));
    with_raw(folder.path(), "select mine from jobs;");
}

TEST_CASE("a damaged database is refused", "[component][jobs]") {
    const temporary_folder folder;
    make_store(folder.path(), 200);
    const auto file = folder.path() / "restpoint.db";
    REQUIRE(std::filesystem::file_size(file) > 5 * 4096);

    SECTION("in its header") {
        overwrite(file, 0, 100);
    }
    SECTION("in its schema") {
        overwrite(file, 100, 3900);
    }
    SECTION("in a page of rows") {
        overwrite(file, static_cast<off_t>(std::filesystem::file_size(file)) - 4096, 4096);
    }
    const auto why = refused(folder.path());

    CHECK(why.code == errc::unusable_state);
    CHECK_THAT(why.hint, ContainsSubstring("aside"));
}

TEST_CASE("an empty database file, as a crash may leave it, becomes a store", "[component][jobs]") {
    const temporary_folder folder;
    REQUIRE(write_file(folder.path() / "restpoint.db", ""));

    const auto rows = opened(folder.path());

    CHECK(run(rows->insert(a_backup())).value() == 1);
}

TEST_CASE("the store's files are for their owner only", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    REQUIRE(run(rows->insert(a_backup())));

    int files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        CAPTURE(entry.path());
        struct stat found{};
        REQUIRE(::stat(entry.path().c_str(), &found) == 0);
        CHECK((found.st_mode & 0077U) == 0);
        ++files;
    }
    CHECK(files >= 3); // database, WAL, reserve
}

TEST_CASE("rows acknowledged before kill -9 are there afterwards", "[component][jobs]") {
    const temporary_folder folder;
    std::array<int, 2> pipe{};
    REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
    const unique_fd hear{pipe[0]};
    unique_fd tell{pipe[1]};
    const auto writer = ::fork();
    if (writer == 0) {
        write_for_ever(folder.path(), tell.get());
    }
    REQUIRE(writer > 0);
    tell.reset();

    job_id last = 0;
    for (int i = 0; i < 25; ++i) {
        const auto id = next_id(hear.get());
        last = id != 0 ? id : last;
    }
    ::kill(writer, SIGKILL);
    REQUIRE(::waitpid(writer, nullptr, 0) == writer);

    REQUIRE(last >= 25);
    const auto rows = opened(folder.path());
    for (job_id id = 1; id <= last; ++id) {
        const auto row = run(rows->find(id)).value();
        REQUIRE(row);
        CHECK(row->log_lines == static_cast<std::uint64_t>(id - 1));
    }
}

TEST_CASE(
    "on a full disk running jobs still end, new ones are refused until there is room",
    "[component][jobs]") {
    const temporary_folder folder;
    const small_disk disk{folder.path(), "size=8m"};
    if (!disk.usable()) {
        return;
    }
    const auto reserve = folder.path() / "restpoint.reserve";
    const auto filler = folder.path() / "filler";
    const auto rows = opened(folder.path());
    auto running = a_backup(job_state::running);
    running.id = run(rows->insert(running)).value();
    CHECK(std::filesystem::file_size(reserve) == 1U << 20U);
    fill(filler);

    // The first may still find room in a WAL file that has grown already.
    auto added = run(rows->insert(a_backup()));
    for (int i = 0; added && i < 1000; ++i) {
        added = run(rows->insert(a_backup()));
    }
    REQUIRE_FALSE(added);
    CHECK(added.error().code == errc::unusable_state);
    CHECK_THAT(added.error().hint, ContainsSubstring(folder.path().native()));
    CHECK(std::filesystem::exists(reserve));

    running.state = job_state::succeeded;
    running.label = "20261122-082936F";
    REQUIRE(run(rows->update(running)));
    CHECK_FALSE(std::filesystem::exists(reserve));
    CHECK(run(rows->find(running.id)).value()->state == job_state::succeeded);

    std::filesystem::remove(filler);
    CHECK(run(rows->insert(a_backup())));
    CHECK(std::filesystem::file_size(reserve) == 1U << 20U);
}

TEST_CASE("a disk without room for the store is refused at the start", "[component][jobs]") {
    const temporary_folder folder;
    const small_disk disk{folder.path(), "size=512k"};
    if (!disk.usable()) {
        return;
    }

    const auto why = refused(folder.path());

    CHECK(why.code == errc::unusable_state);
    CHECK_THAT(why.hint, ContainsSubstring("free space"));
    CHECK_FALSE(std::filesystem::exists(folder.path() / "restpoint.reserve"));
}

TEST_CASE("a refused update does not touch the reserve", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    auto ended = a_backup(job_state::failed);
    ended.id = run(rows->insert(ended)).value();

    CHECK_FALSE(run(rows->update(ended)));

    CHECK(std::filesystem::exists(folder.path() / "restpoint.reserve"));
}
