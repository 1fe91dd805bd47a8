#include "children.hpp"
#include "process/job_process.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include <sys/syscall.h>

#include <exception>

using namespace restpoint;
using namespace restpoint::process;
using namespace restpoint::process::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

using waited = result<std::optional<exit_report>>;

shim_launch running(const scratch& at, const std::string& text) {
    shim_launch how;
    how.program = RESTPOINT_PROGRAM;
    how.shim.folder = at.path();
    how.shim.id = "17";
    how.shim.argv = {"sh", "-c", text};
    how.environment = {"PATH=/usr/bin:/bin", "AT=" + at.path().native()};
    return how;
}

std::unique_ptr<job_process> launch(asio::io_context& loop, const shim_launch& how) {
    auto started = job_process::launch(loop.get_executor(), how);
    if (!started) {
        FAIL(started.error().detail);
    }
    return std::move(*started);
}

/// One wait() under way.
struct wait_of {
    wait_of(asio::io_context& on, job_process& job, std::chrono::milliseconds grace) : loop(on) {
        auto done = [this](std::exception_ptr e, waited w) {
            failed = e;
            found.emplace(std::move(w));
        };
        asio::co_spawn(
            loop, job.wait(grace), asio::bind_cancellation_slot(stop.slot(), std::move(done)));
    }

    std::optional<exit_report> end() {
        eventually([this] {
            loop.restart();
            loop.poll();
            return found.has_value();
        });
        REQUIRE(found);
        if (failed) {
            std::rethrow_exception(failed);
        }
        if (!*found) {
            FAIL(found->error().detail);
        }
        return **found;
    }

    asio::io_context& loop;
    asio::cancellation_signal stop = {};
    std::exception_ptr failed = {};
    std::optional<waited> found = {};
};

std::optional<exit_report> end_of(
    asio::io_context& loop, job_process& job, std::chrono::milliseconds grace = 10s) {
    return wait_of(loop, job, grace).end();
}

template <class Condition>
bool until(asio::io_context& loop, Condition condition) {
    return eventually([&] {
        loop.restart();
        loop.poll();
        return condition();
    });
}

const std::string hang = "echo $$ >$AT/pid; exec sleep 300";
/// Silent, or the shell's word on the death of its sleep would meet a pipe that nobody reads.
const std::string stubborn = "exec >/dev/null 2>&1; trap 'echo >>$AT/termed' TERM; echo $$ "
                             ">$AT/pid; while :; do sleep 0.02; done";

/// Starts the job as an earlier restpoint did, which then died: the shim is no child of ours.
identity shim_of_an_earlier_life(const shim_launch& how) {
    struct named { // by the one who started it: it may have ended when we look
        pid_t pid = 0;
        std::uint64_t start_ticks = 0;
    };
    int ends[2] = {-1, -1};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const int code = in_fork([&] {
        asio::io_context loop;
        const auto job = launch(loop, how);
        job->give_word();
        const named it{job->shim().pid, job->shim().start_ticks};
        return ::write(ends[1], &it, sizeof it) == sizeof it ? 0 : 1;
    });
    REQUIRE(code == 0);
    named it;
    REQUIRE(::read(ends[0], &it, sizeof it) == sizeof it);
    ::close(ends[0]);
    ::close(ends[1]);
    return {it.pid, it.start_ticks, boot_id()};
}

} // namespace

TEST_CASE("a job runs behind its shim and its exit code comes back", "[process][component]") {
    const scratch at;
    asio::io_context loop;

    const auto job = launch(loop, running(at, "echo \"$AT\" | wc -l; echo line; exit 3"));
    job->give_word();
    const auto report = end_of(loop, *job);

    REQUIRE(report);
    CHECK(report->started);
    CHECK(report->exit_code == 3);
    CHECK(content_of(at / "17.log") == "1\nline\n");
    CHECK_FALSE(has_children());
}

TEST_CASE("a shim has a session and an identity of its own", "[process][component]") {
    const scratch at;
    asio::io_context loop;

    const auto job = launch(loop, running(at, hang));
    const auto shim = job->shim();

    CHECK(identify(shim.pid) == shim);
    CHECK(::getsid(shim.pid) == shim.pid);
    ::kill(shim.pid, SIGKILL);
    CHECK(until(loop, [] { return !has_children(); }));
}

TEST_CASE("without the word nothing is started", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    auto job = launch(loop, running(at, "echo >$AT/ran"));
    const auto shim = job->shim();
    const auto files = files_of(at.path(), "17");
    REQUIRE(until(loop, [&] { return tree_is_alive(files); }));

    job.reset();

    CHECK(eventually([&] { return is_gone(shim.pid); }));
    CHECK_FALSE(std::filesystem::exists(at / "ran"));
    const auto report = read_exit_report(files).value();
    REQUIRE(report);
    CHECK_FALSE(report->started);
    CHECK(report->error_code == "abandoned");
}

TEST_CASE("TERM ends a job through its shim", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    const auto job = launch(loop, running(at, hang));
    job->give_word();
    REQUIRE(until(loop, [&] { return pid_in(at / "pid") > 0; }));

    job->terminate();
    const auto report = end_of(loop, *job);

    REQUIRE(report);
    CHECK(report->signal == SIGTERM);
    CHECK(is_gone(pid_in(at / "pid")));
}

TEST_CASE("a job that ignores TERM is killed through its shim", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    const auto job = launch(loop, running(at, stubborn));
    job->give_word();
    REQUIRE(until(loop, [&] { return pid_in(at / "pid") > 0; }));

    job->terminate();
    REQUIRE(until(loop, [&] { return content_of(at / "termed") == "\n"; }));
    job->kill();
    const auto report = end_of(loop, *job);

    REQUIRE(report);
    CHECK(report->signal == SIGKILL);
    CHECK(is_gone(pid_in(at / "pid")));
}

TEST_CASE("the tree of a killed shim is stopped to the last process", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    const auto job = launch(
        loop,
        running(at, "(trap '' TERM; echo >$AT/deaf; sleep 300) & echo $! >$AT/worker;" + hang));
    job->give_word();
    REQUIRE(until(
        loop, [&] { return pid_in(at / "pid") > 0 && std::filesystem::exists(at / "deaf"); }));

    ::kill(job->shim().pid, SIGKILL);
    const auto report = end_of(loop, *job, 100ms);

    CHECK_FALSE(report);
    CHECK(is_gone(pid_in(at / "pid")));
    CHECK(is_gone(pid_in(at / "worker")));
    CHECK_FALSE(tree_is_alive(files_of(at.path(), "17")));
    CHECK_FALSE(has_children());
}

TEST_CASE("stopping a job whose shim is gone reaches its tree", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    const auto files = files_of(at.path(), "17");
    const auto job = launch(loop, running(at, stubborn));
    job->give_word();
    REQUIRE(until(loop, [&] { return pid_in(at / "pid") > 0; }));
    ::kill(job->shim().pid, SIGKILL);
    REQUIRE(until(loop, [] { return !has_children(); }));
    REQUIRE(
        until(loop, [&] { return content_of(at / "termed") == "\n"; })); // by its parent's death

    job->terminate();
    const bool termed = until(loop, [&] { return content_of(at / "termed").size() > 1; });
    job->kill();

    CHECK(termed);
    CHECK(until(loop, [&] { return !tree_is_alive(files); }));
    CHECK(is_gone(pid_in(at / "pid")));
}

TEST_CASE("a shim of an earlier restpoint is followed to its end", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    const auto who = shim_of_an_earlier_life(
        running(at, "while [ ! -e $AT/go ]; do sleep 0.01; done; echo late; exit 5"));
    const auto job = job_process::adopt(loop.get_executor(), who, files_of(at.path(), "17"));
    wait_of waiting(loop, *job, 10s);
    loop.poll();
    const bool early = waiting.found.has_value();

    std::ofstream(at / "go").put('\n');
    const auto report = waiting.end();

    CHECK_FALSE(early);
    REQUIRE(report);
    CHECK(report->exit_code == 5);
    CHECK(content_of(at / "17.log") == "late\n");
}

TEST_CASE("a shim of an earlier restpoint can be stopped", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    const auto who = shim_of_an_earlier_life(running(at, hang));
    REQUIRE(eventually([&] { return pid_in(at / "pid") > 0; }));
    const auto job = job_process::adopt(loop.get_executor(), who, files_of(at.path(), "17"));

    job->terminate();
    const auto report = end_of(loop, *job);

    REQUIRE(report);
    CHECK(report->signal == SIGTERM);
}

TEST_CASE("a shim that ended while nobody looked has left its report", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    auto who = shim_of_an_earlier_life(running(at, "read -t 1 x || sleep 0.05; exit 6"));
    REQUIRE(eventually([&] { return is_gone(who.pid); }));
    SECTION("and its pid is nobody's") {}
    SECTION("and its pid is somebody else's") {
        who = identify(::getpid()).value();
        --who.start_ticks;
    }

    const auto job = job_process::adopt(loop.get_executor(), who, files_of(at.path(), "17"));
    job->terminate(); // must not hit whoever has the pid now
    const auto report = end_of(loop, *job);

    REQUIRE(report);
    CHECK(report->exit_code == 6);
}

TEST_CASE("a cancelled wait leaves the job alone", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    const auto job = launch(loop, running(at, hang));
    job->give_word();
    REQUIRE(until(loop, [&] { return pid_in(at / "pid") > 0; }));
    {
        wait_of given_up(loop, *job, 10s);
        loop.poll();
        given_up.stop.emit(asio::cancellation_type::terminal);
        CHECK_THROWS_AS(given_up.end(), boost::system::system_error);
    }
    const bool lives_on = !is_gone(pid_in(at / "pid")) && !is_gone(job->shim().pid);

    job->terminate();
    const auto report = end_of(loop, *job);

    CHECK(lives_on);
    REQUIRE(report);
    CHECK(report->signal == SIGTERM);
}

TEST_CASE("a shim that nobody waits for is reaped all the same", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    const auto job = launch(loop, running(at, "exit 0"));

    job->give_word();

    CHECK(until(loop, [] { return !has_children(); }));
    CHECK(end_of(loop, *job)->exit_code == 0); // and is still waited for
}

TEST_CASE("a job outlives the object that stands for it", "[process][component]") {
    const scratch at;
    const auto before = open_descriptors();
    {
        asio::io_context loop;
        const auto job =
            launch(loop, running(at, "while [ ! -e $AT/go ]; do sleep 0.01; done; exit 7"));
        job->give_word();
    }
    const auto files = files_of(at.path(), "17");
    REQUIRE(eventually([&] { return child_of(files).has_value(); }));

    std::ofstream(at / "go").put('\n');

    CHECK(eventually([&] { return std::filesystem::exists(files.exit); }));
    CHECK(read_exit_report(files).value()->exit_code == 7);
    CHECK(open_descriptors() == before);
    asio::io_context loop;
    CHECK(eventually([&] {
        const scratch other;
        const auto next = launch(loop, running(other, "exit 0"));
        next->give_word();
        return end_of(loop, *next) && !has_children(); // the next launch buried the one left
    }));
}

TEST_CASE("the word to a dead shim is no error", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    const auto job = launch(loop, running(at, "echo >$AT/ran"));
    ::kill(job->shim().pid, SIGKILL);
    REQUIRE(until(loop, [] { return !has_children(); }));

    job->give_word();
    job->give_word();

    CHECK_FALSE(end_of(loop, *job));
    CHECK_FALSE(std::filesystem::exists(at / "ran"));
}

TEST_CASE("a shim's own exit code tells why there is no report", "[process][component]") {
    const scratch at;
    asio::io_context loop;

    SECTION("it has nothing to say of a job that was reported") {
        const auto job = launch(loop, running(at, "exit 3"));
        job->give_word();
        REQUIRE(end_of(loop, *job));
        CHECK(job->shim_exit() == static_cast<int>(shim_exit::reported));
    }
    SECTION("the log cannot be made") {
        std::filesystem::create_directory(at / "17.log");
        const auto job = launch(loop, running(at, "echo >$AT/ran"));
        job->give_word();
        CHECK_FALSE(end_of(loop, *job));
        CHECK(job->shim_exit() == static_cast<int>(shim_exit::refused));
        CHECK_FALSE(std::filesystem::exists(at / "ran"));
    }
    SECTION("the job has been run, and the report is of that time") {
        const auto first = launch(loop, running(at, "exit 4"));
        first->give_word();
        REQUIRE(end_of(loop, *first));
        const auto second = launch(loop, running(at, "exit 5"));
        second->give_word();
        CHECK(end_of(loop, *second)->exit_code == 4);
        CHECK(second->shim_exit() == static_cast<int>(shim_exit::already_reported));
    }
    SECTION("a killed one has none") {
        const auto job = launch(loop, running(at, "exit 0"));
        ::kill(job->shim().pid, SIGKILL);
        CHECK_FALSE(end_of(loop, *job));
        CHECK_FALSE(job->shim_exit().has_value());
    }
    SECTION("one that is not our child has none") {
        const auto who = shim_of_an_earlier_life(running(at, "exit 0"));
        const auto job = job_process::adopt(loop.get_executor(), who, files_of(at.path(), "17"));
        REQUIRE(end_of(loop, *job));
        CHECK_FALSE(job->shim_exit().has_value());
    }
}

TEST_CASE("a shim that is not there is not found", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    auto how = running(at, "exit 0");
    how.program = "/no/such/restpoint";

    const auto job = job_process::launch(loop.get_executor(), how);

    REQUIRE_FALSE(job.has_value());
    CHECK(job.error().code == errc::not_found);
    CHECK_FALSE(has_children());
}

TEST_CASE("an early wake-up is not taken for the end of a shim", "[process][component]") {
    const scratch at;
    asio::io_context loop;
    leave_stale_event(loop);

    const auto job = launch(loop, running(at, "exit 0"));
    loop.poll(); // the stale event
    job->give_word();

    CHECK(until(loop, [] { return !has_children(); }));
    CHECK(end_of(loop, *job)->exit_code == 0);
}

TEST_CASE("a job is followed without a pidfd too", "[process][component]") {
    const scratch at;

    const int code = in_fork([&] {
        forbid(SYS_pidfd_open);
        asio::io_context loop;
        const auto job = launch(loop, running(at, hang));
        job->give_word();
        if (!until(loop, [&] { return pid_in(at / "pid") > 0; })) {
            return 1;
        }
        job->terminate();
        const auto report = end_of(loop, *job);
        return report && report->signal == SIGTERM && !has_children() ? 0 : 2;
    });

    CHECK(code == 0);
}
