// How jobs end: cancelled, failed, or well in spite of what breaks.
#include "service_fixture.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using backrest::backup_type;

TEST_CASE("cancelling a running job leaves no process of it", "[component][jobs]") {
    const machine home;
    const auto mode = GENERATE(as<std::string>(), "hang", "workers");
    CAPTURE(mode);
    life now(home, {.mode = mode});
    const auto taken = now.submit_and_begin(a(backup_type::full));
    REQUIRE(home.any_left());

    const auto answer = now.cancel(taken.id);

    REQUIRE(answer);
    CHECK(answer->cancel_requested);
    CHECK(home.row(taken.id)->cancel_requested);
    const auto ended = now.ended(taken.id);
    CHECK(ended.state == job_state::cancelled);
    CHECK_FALSE(ended.error);
    CHECK_FALSE(process::tree_is_alive(home.files(taken.id)));
    CHECK_FALSE(home.any_left());
}

TEST_CASE("a queued job that is cancelled never runs", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    const auto first = now.submit_and_begin(a(backup_type::full));
    const auto second = now.submit(a(backup_type::diff), when_busy::queue);

    REQUIRE(now.cancel(second.id));

    // Before anything else: should restpoint die now, the next one must not run it.
    CHECK(home.row(second.id)->cancel_requested);
    const auto ended = now.ended(second.id);
    CHECK(ended.state == job_state::cancelled);
    CHECK_FALSE(ended.started);
    home.open_gate("backup");
    CHECK(now.ended(first.id).state == job_state::succeeded);
    CHECK(home.calls().size() == 1);
}

TEST_CASE("a finished job cannot be cancelled", "[component][jobs]") {
    const machine home;
    life now(home);
    const auto taken = now.submit(a(job_kind::check));
    now.ended(taken.id);

    const auto answer = now.cancel(taken.id);

    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == errc::conflict);
    CHECK_THAT(answer.error().detail, ContainsSubstring("succeeded"));
    CHECK(home.row(taken.id)->state == job_state::succeeded);
    CHECK_FALSE(home.row(taken.id)->cancel_requested);
}

TEST_CASE("a child that ignores TERM is killed after the grace time", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "stubborn", .stop_grace = std::chrono::milliseconds{300}});
    const auto taken = now.submit_and_begin(a(backup_type::full));

    const auto once = now.cancel(taken.id);
    const auto twice = now.cancel(taken.id);

    REQUIRE(once);
    REQUIRE(twice);
    CHECK(once->cancel_requested == twice->cancel_requested);
    const auto ended = now.ended(taken.id);
    CHECK(ended.state == job_state::cancelled);
    CHECK_FALSE(ended.exit_code);
    CHECK_FALSE(home.any_left());
}

TEST_CASE("a shim that is stopped cannot hold up a cancel", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "hang", .stop_grace = std::chrono::milliseconds{300}});
    const auto taken = now.submit_and_begin(a(backup_type::full));
    const auto shim = now.found(taken.id).shim;
    REQUIRE(shim);
    REQUIRE(::kill(shim->pid, SIGSTOP) == 0);

    REQUIRE(now.cancel(taken.id));

    CHECK(now.ended(taken.id).state == job_state::cancelled);
    CHECK_FALSE(process::identify(shim->pid));
    CHECK_FALSE(home.any_left());
    CHECK(now.try_submit(a(backup_type::full)).has_value());
}

TEST_CASE("without the program the job fails and says so", "[component][jobs]") {
    const machine home;
    life now(home, {.binary = home.home() / "nowhere"});

    const auto ended = now.ended(now.submit(a(backup_type::full)).id);

    CHECK(ended.state == job_state::failed);
    REQUIRE(ended.error);
    CHECK(ended.error->name == "program-missing");
    CHECK_THAT(ended.error->hint, ContainsSubstring("pgbackrest.binary"));
    CHECK_FALSE(ended.exit_code);
}

TEST_CASE("an exit code 0 without a word is no proof of a backup", "[component][jobs]") {
    const machine home;
    life now(home, {.binary = "/bin/true"});

    const auto ended = now.ended(now.submit(a(backup_type::full)).id);

    CHECK(ended.state == job_state::failed);
    CHECK(ended.exit_code == 0);
    REQUIRE(ended.error);
    CHECK(ended.error->name == "unproven");
    CHECK_FALSE(ended.label);
}

TEST_CASE("a failed expire behind a good backup: both are said", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "expire-fails"});

    const auto ended = now.ended(now.submit(a(backup_type::full)).id);

    CHECK(ended.state == job_state::failed);
    CHECK(ended.exit_code == 104);
    CHECK(ended.label == "20261122-064235F");
    CHECK(ended.expire_failed);
    REQUIRE(ended.error);
    CHECK_THAT(ended.error->message, ContainsSubstring("the backup is complete"));
}

TEST_CASE("the last row is written by the reserve when the disk is full", "[component][jobs]") {
    const machine home;
    const small_disk disk(home.state(), "size=16m");
    if (!disk.usable()) {
        return;
    }
    std::filesystem::create_directory(home.state() / "jobs");
    life now(home, {.mode = "wait-for-file"});
    const auto taken = now.submit_and_begin(a(backup_type::full));
    {
        std::ofstream all(home.state() / "other-files");
        while (all << std::string(4096, 'x') << std::flush) {
        }
    }
    REQUIRE(std::filesystem::space(home.state()).available == 0);
    REQUIRE(std::filesystem::exists(home.state() / "restpoint.reserve"));

    home.open_gate("backup");

    const auto ended = now.ended(taken.id);
    CHECK(ended.state == job_state::succeeded);
    CHECK(ended.exit_code == 0);
    CHECK_FALSE(std::filesystem::exists(home.state() / "restpoint.reserve"));
    std::filesystem::remove(home.state() / "other-files");
}

TEST_CASE("whoever sees that a job has ended comes after who was to be told", "[component][jobs]") {
    const machine home;
    life now(home);
    int told = 0;
    now.jobs.on_ending([&told] { ++told; });
    const auto id = now.submit(a(backup_type::full)).id;

    now.loop.until("the end is seen", [&] {
        const auto seen = now.find_running(id);
        const bool ended = !seen || is_final(seen->state);
        CHECK((!ended || told == 1));
        return ended;
    });
}
