// Jobs and the end of a restpoint: left running and taken up again by the next one, or stopped.
#include "base/unique_fd.hpp"
#include "service_fixture.hpp"

#include <fcntl.h>
#include <sys/file.h>

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using backrest::backup_type;

namespace {

/// A restpoint that starts a backup and leaves it; the job's row as it was left.
job leave_a_backup(const machine& home, const std::string& mode) {
    life first(home, {.mode = mode});
    const auto taken = first.submit_and_begin(a(backup_type::full));
    first.shut_down(on_stop::leave, std::chrono::seconds{5});
    return home.row(taken.id).value();
}

/// Waits, with no restpoint there, until no process of the job is left.
void await_end_unwatched(const machine& home, job_id id) {
    hand_driven_loop loop;
    loop.until("the job ends by itself", [&] { return !process::tree_is_alive(home.files(id)); });
}

} // namespace

TEST_CASE("a job that was left is followed to its end by the next restpoint", "[component][jobs]") {
    const machine home;
    const auto left = leave_a_backup(home, "wait-for-file");
    REQUIRE(left.state == job_state::running);
    REQUIRE(left.shim);
    REQUIRE(process::identify(left.shim->pid) == left.shim);
    REQUIRE(home.any_left());

    life second(home, {.mode = "wait-for-file"});
    second.adopt();
    REQUIRE(second.find_running(left.id));
    const auto twin = second.try_submit(a(backup_type::full), when_busy::join);
    CHECK((twin && twin->joined && twin->what.id == left.id));
    home.open_gate("backup");

    const auto ended = second.ended(left.id);
    CHECK(ended.state == job_state::succeeded);
    CHECK(ended.exit_code == 0);
    CHECK(ended.label == "20261122-064235F");
    CHECK(ended.started == left.started);
    const auto lines = lines_of(home.files(left.id).log);
    CHECK(ended.log_lines == lines.size());
    CHECK(ended.log_bytes == std::filesystem::file_size(home.files(left.id).log));
    REQUIRE_FALSE(lines.empty());
    CHECK_THAT(lines.front(), ContainsSubstring("backup command begin"));
    CHECK_THAT(lines.back(), ContainsSubstring("expire command end: completed"));
    CHECK(home.calls().size() == 1);
    CHECK_FALSE(std::filesystem::exists(home.files(left.id).exit));
    CHECK_FALSE(std::filesystem::exists(home.files(left.id).lock));
}

TEST_CASE("a job that was left can be cancelled by the next restpoint", "[component][jobs]") {
    const machine home;
    const auto left = leave_a_backup(home, "workers");
    life second(home, {.mode = "workers"});
    second.adopt();

    REQUIRE(second.cancel(left.id));

    CHECK(second.ended(left.id).state == job_state::cancelled);
    CHECK_FALSE(home.any_left());
}

TEST_CASE("a job that ended while nobody watched is judged by its report", "[component][jobs]") {
    const machine home;
    const auto left = leave_a_backup(home, "wait-for-file");
    home.open_gate("backup");
    await_end_unwatched(home, left.id);
    REQUIRE(std::filesystem::exists(home.files(left.id).exit));
    REQUIRE(home.row(left.id)->state == job_state::running);

    life second(home);
    second.adopt();

    const auto ended = second.ended(left.id);
    CHECK(ended.state == job_state::succeeded);
    CHECK(ended.exit_code == 0);
    CHECK(ended.label == "20261122-064235F");
    CHECK(home.calls().size() == 1);
}

TEST_CASE("a job whose shim was killed is ended and called interrupted", "[component][jobs]") {
    const machine home;
    const auto left = leave_a_backup(home, "hang");
    REQUIRE(left.shim);
    REQUIRE(::kill(left.shim->pid, SIGKILL) == 0);

    life second(home, {.stop_grace = std::chrono::seconds{2}});
    second.adopt();

    const auto ended = second.ended(left.id);
    CHECK(ended.state == job_state::interrupted);
    CHECK_FALSE(ended.label);
    CHECK(ended.error);
    CHECK_FALSE(process::tree_is_alive(home.files(left.id)));
    CHECK_FALSE(home.any_left());
    CHECK(second.try_submit(a(backup_type::diff)).has_value());
}

TEST_CASE("a queued job is started by the next restpoint, in its turn", "[component][jobs]") {
    const machine home;
    job_id running = 0;
    job_id queued = 0;
    {
        life first(home, {.mode = "wait-for-file"});
        running = first.submit_and_begin(a(backup_type::full)).id;
        queued = first.submit(a(backup_type::diff), when_busy::queue).id;
        first.shut_down(on_stop::leave, std::chrono::seconds{5});
    }
    REQUIRE(home.row(queued)->state == job_state::queued);

    life second(home, {.mode = "wait-for-file"});
    second.adopt();
    const auto check = second.submit_and_begin(a(job_kind::check)); // turns the loop meanwhile
    CHECK(second.found(queued).state == job_state::queued);
    home.open_gate("backup");

    CHECK(second.ended(queued).state == job_state::succeeded);
    CHECK(home.row(running)->state == job_state::succeeded);
    const auto calls = home.calls();
    REQUIRE(calls.size() == 3);
    CHECK_THAT(calls[2], ContainsSubstring("--type=diff"));
    CHECK(second.found(check.id).state == job_state::running);
}

TEST_CASE("left at any moment of its start, a job runs exactly once", "[component][jobs]") {
    const machine home;
    const auto turns = GENERATE(range(0, 10));
    CAPTURE(turns);
    job_id id = 0;
    {
        life first(home);
        id = first.submit(a(backup_type::full)).id;
        first.loop.turn(turns);
        first.shut_down(on_stop::leave, std::chrono::seconds{5});
    }

    life second(home);
    second.adopt();
    second.loop.until("its row is final", [&] { return is_final(home.row(id)->state); });

    CHECK(home.row(id)->state == job_state::succeeded);
    CHECK(home.calls().size() == 1);
}

namespace {

/// A job whose restpoint died after its row named the shim, and before the shim was given the word.
job_id leave_without_the_word(const machine& home, std::optional<wall_time> cancelled = {}) {
    auto left = a_backup(job_state::running);
    left.started = left.created;
    left.cancel_requested = cancelled;
    left.shim = process::identity{1, 1, "a boot long ago"};
    const auto rows = opened(home.state());
    const auto id = run(rows->insert(left)).value();
    process::exit_report report;
    report.error = "restpoint ended before it gave the word";
    report.error_code = "abandoned";
    report.finished_at = rfc3339(left.created);
    REQUIRE(write_file(home.files(id).exit, process::to_json(report)));
    return id;
}

} // namespace

TEST_CASE("a job that was left without the word is begun anew", "[component][jobs]") {
    const machine home;
    const auto id = leave_without_the_word(home);

    life second(home);
    second.adopt();

    const auto ended = second.ended(id);
    CHECK(ended.state == job_state::succeeded);
    CHECK(ended.started > ended.created);
    CHECK(home.calls().size() == 1);
    CHECK(ended.log_lines == lines_of(home.files(id).log).size());
}

TEST_CASE(
    "a job that was left without the word goes on waiting while restpoint stops",
    "[component][jobs]") {
    const machine home;
    const auto id = leave_without_the_word(home);
    {
        life second(home);
        second.jobs.stop_accepting(); // first: else it may be begun on the way
        second.adopt();
        second.loop.until(
            "it waits again", [&] { return home.row(id)->state == job_state::queued; });
        second.shut_down(on_stop::leave, std::chrono::seconds{5});
    }
    CHECK(home.calls().empty());
    CHECK_FALSE(home.row(id)->shim);

    life third(home);
    third.adopt();

    CHECK(third.ended(id).state == job_state::succeeded);
    CHECK(home.calls().size() == 1);
}

TEST_CASE("a job that was cancelled and left without the word is not begun", "[component][jobs]") {
    const machine home;
    const auto id = leave_without_the_word(home, a_backup().created);

    life second(home);
    second.adopt();

    CHECK(second.ended(id).state == job_state::cancelled);
    CHECK(home.calls().empty());
}

TEST_CASE(
    "a cancellation that was noted is carried out by the next restpoint", "[component][jobs]") {
    const machine home;
    auto cancelled = a_backup();
    cancelled.cancel_requested = cancelled.created;
    job_id id = 0;
    {
        const auto rows = opened(home.state());
        id = run(rows->insert(cancelled)).value();
    }

    life next(home);
    next.adopt();

    CHECK(next.ended(id).state == job_state::cancelled);
    CHECK(home.calls().empty());
}

TEST_CASE("a stop interrupts what runs and begins nothing that waits", "[component][jobs]") {
    const machine home;
    job_id backup = 0;
    job_id check = 0;
    job_id queued = 0;
    {
        // The check holds the shutdown up long after the backup has made room for the queued one.
        life now(home, {.mode = "wait-for-file", .environment = {"MODE_check=stubborn"}});
        backup = now.submit_and_begin(a(backup_type::full)).id;
        check = now.submit_and_begin(a(job_kind::check)).id;
        queued = now.submit(a(backup_type::diff), when_busy::queue).id;

        now.shut_down(on_stop::stop, std::chrono::seconds{1});

        const auto late = now.try_submit(a(job_kind::verify));
        REQUIRE_FALSE(late.has_value());
        CHECK(late.error().why.code == errc::unavailable);
    }
    CHECK(home.row(backup)->state == job_state::interrupted);
    REQUIRE(home.row(backup)->error);
    CHECK(home.row(backup)->error->name == "stopped");
    CHECK(home.row(check)->state == job_state::interrupted);
    CHECK(home.row(queued)->state == job_state::queued);
    CHECK_FALSE(home.row(queued)->started);
    CHECK(home.calls().size() == 2);
    CHECK_FALSE(home.any_left());
}

TEST_CASE("who waits for a job is told when restpoint stops", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    const auto taken = now.submit_and_begin(a(backup_type::full));
    const auto waiting = now.loop.start(now.jobs.wait(taken.id, std::nullopt));
    now.submit_and_begin(a(job_kind::check));
    REQUIRE_FALSE(waiting->ended());

    now.jobs.stop_accepting();
    now.loop.until("the wait ends", [&] { return waiting->ended(); });

    REQUIRE(waiting->value);
    CHECK(waiting->value->value().state == job_state::running);
}

TEST_CASE(
    "what finished jobs left is swept, what lives or is not ours stays", "[component][jobs]") {
    const machine home;
    const auto jobs = home.state() / "jobs";
    const std::vector<std::string> stale{"5.exit", "5.lock", "5.exit.tmp", "6.lock"};
    const std::vector<std::string> kept{"5.log", "7.lock", "7.exit", "notes.txt", "8x.lock"};
    for (const auto& names : {stale, kept}) {
        for (const auto& name : names) {
            std::ofstream(jobs / name) << "x";
        }
    }
    const unique_fd living{::open((jobs / "7.lock").c_str(), O_RDWR | O_CLOEXEC)};
    REQUIRE(::flock(living.get(), LOCK_EX | LOCK_NB) == 0);
    life now(home);

    now.adopt();

    for (const auto& name : stale) {
        CAPTURE(name);
        CHECK_FALSE(std::filesystem::exists(jobs / name));
    }
    for (const auto& name : kept) {
        CAPTURE(name);
        CHECK(std::filesystem::exists(jobs / name));
    }
}
