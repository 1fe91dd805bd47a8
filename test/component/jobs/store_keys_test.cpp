// The keys of requests, in the store.
#include "jobs/request_key.hpp"
#include "jobs/sqlite.hpp"
#include "store_fixture.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using std::chrono::hours;

namespace {

request_key a_key(std::string key = "k", std::string digest = "d", std::string scope = "http ::1") {
    return {std::move(scope), std::move(key), std::move(digest)};
}

std::optional<keyed_job> found(store& rows, request_key key, wall_time since = {}) {
    const auto got = run(rows.find_keyed(std::move(key), since));
    REQUIRE(got);
    return *got;
}

std::int64_t count(const std::filesystem::path& folder, const std::string& what) {
    auto raw = database::open(folder / "restpoint.db");
    REQUIRE(raw);
    auto query = (*raw)->prepare("select count(*) from " + what);
    REQUIRE(query);
    REQUIRE(query->step().value());
    return query->integer();
}

/// In a child: writes jobs with keys and tells of each, until it is killed.
[[noreturn]] void write_for_ever(const std::filesystem::path& folder, int tell) {
    auto rows = store::open(folder);
    for (int i = 0; rows && i < 100000; ++i) {
        const auto id = run((*rows)->insert(a_backup(), a_key(std::to_string(i))));
        if (!id || ::write(tell, "x", 1) != 1) {
            break;
        }
    }
    ::_exit(1);
}

} // namespace

TEST_CASE("a job is found by the key that it was written with", "[component][jobs]") {
    const temporary_folder folder;
    {
        const auto rows = opened(folder.path());
        CHECK(found(*rows, a_key()) == std::nullopt);
        REQUIRE(run(rows->insert(a_backup())).value() == 1);
        REQUIRE(run(rows->insert(a_backup(), a_key("k", "abc"))).value() == 2);
    }
    const auto rows = opened(folder.path());

    CHECK(found(*rows, a_key()) == keyed_job{2, "abc"});
    CHECK(found(*rows, a_key("other")) == std::nullopt);
    CHECK(found(*rows, a_key("k", "abc", "http ::2")) == std::nullopt);
}

TEST_CASE("a key that is too old is not found, and may be used again", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    auto what = a_backup();
    REQUIRE(run(rows->insert(what, a_key())).value() == 1);

    CHECK(found(*rows, a_key(), what.created).has_value());
    CHECK_FALSE(found(*rows, a_key(), what.created + hours{1}).has_value());

    what.created += hours{25};
    REQUIRE(run(rows->insert(what, a_key("k", "new"))).value() == 2);
    CHECK(found(*rows, a_key(), what.created) == keyed_job{2, "new"});
}

TEST_CASE("a key goes with its job", "[component][jobs]") {
    const temporary_folder folder;
    std::filesystem::create_directory(folder.path() / "jobs");
    const auto rows = opened(folder.path());
    const auto kept = run(rows->insert(a_backup(job_state::succeeded), a_key("kept"))).value();
    const auto gone = run(rows->insert(a_backup(job_state::succeeded), a_key("gone"))).value();

    REQUIRE(run(rows->remove_jobs({gone})));

    CHECK(found(*rows, a_key("kept")) == keyed_job{kept, "d"});
    CHECK(found(*rows, a_key("gone")) == std::nullopt);
}

TEST_CASE(
    "keys that are too old are forgotten with the next, their jobs stay", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    auto what = a_backup();
    for (const auto* const key : {"a", "b", "c", "young"}) {
        REQUIRE(run(rows->insert(what, a_key(key))));
        what.created += hours{1};
    }
    what.created += request_keys_kept - hours{1} - std::chrono::minutes{30};

    for (const auto left : {3, 3, 4}) { // two at a time
        REQUIRE(run(rows->insert(
            what, a_key("new " + std::to_string(what.created.time_since_epoch().count())))));
        what.created += std::chrono::microseconds{1};
        CHECK(count(folder.path(), "request_keys") == left);
    }

    CHECK(found(*rows, a_key("c")) == std::nullopt);
    CHECK(found(*rows, a_key("young")).has_value());
    CHECK(count(folder.path(), "jobs") == 7);
}

TEST_CASE("a job whose key cannot be written is not written", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    {
        auto raw = database::open(folder.path() / "restpoint.db");
        REQUIRE(raw);
        REQUIRE((*raw)->run("create trigger no_keys before insert on request_keys"
                            " begin select raise(abort, 'no'); end;"));
    }

    CHECK_FALSE(run(rows->insert(a_backup(), a_key())).has_value());

    CHECK(count(folder.path(), "jobs") == 0);
    CHECK(run(rows->insert(a_backup())).has_value());
}

TEST_CASE("a kill leaves no job without its key, and no key without its job", "[component][jobs]") {
    const temporary_folder folder;
    std::array<int, 2> told{};
    REQUIRE(::pipe(told.data()) == 0);
    const auto child = ::fork();
    if (child == 0) {
        write_for_ever(folder.path(), told[1]);
    }
    ::close(told[1]);
    int acknowledged = 0;
    char byte = 0;
    pollfd ready{told[0], POLLIN, 0};
    while (acknowledged < 50 && ::poll(&ready, 1, 10000) == 1 && ::read(told[0], &byte, 1) == 1) {
        ++acknowledged;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(told[0]);

    const auto rows = opened(folder.path());
    CHECK(acknowledged == 50);
    CHECK(count(folder.path(), "jobs") >= 50);
    CHECK(
        count(folder.path(), "jobs") ==
        count(folder.path(), "jobs join request_keys on request_keys.job = jobs.id"));
    CHECK(
        count(folder.path(), "request_keys") ==
        count(folder.path(), "jobs join request_keys on request_keys.job = jobs.id"));
    CHECK(found(*rows, a_key("49")) == keyed_job{50, "d"});
}
