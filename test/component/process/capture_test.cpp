#include "children.hpp"
#include "process/capture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <sys/syscall.h>

#include <exception>
#include <optional>

using namespace restpoint;
using namespace restpoint::process;
using namespace restpoint::process::test;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// A capture on a loop of its own, run until its end or step by step.
class under_way {
  public:
    explicit under_way(spawn_request what, capture_limits limits = {}) {
        auto task = [](spawn_request w, capture_limits l) -> asio::awaitable<result<captured>> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            auto found = co_await capture(std::move(w), l);
            co_return found;
        };
        asio::co_spawn(
            loop_, task(std::move(what), limits),
            asio::bind_cancellation_slot(
                stop_.slot(), [this](std::exception_ptr failed, result<captured> found) {
                    failed_ = failed;
                    found_.emplace(std::move(found));
                }));
    }

    result<captured> end() {
        loop_.run_for(30s);
        REQUIRE(found_);
        if (failed_) {
            std::rethrow_exception(failed_);
        }
        return *found_;
    }

    template <class Condition>
    bool until(Condition condition) {
        return eventually([&] {
            loop_.poll();
            return condition();
        });
    }

    void cancel(asio::cancellation_type how) { stop_.emit(how); }

  private:
    asio::cancellation_signal stop_;
    std::exception_ptr failed_;
    std::optional<result<captured>> found_ = {};
    asio::io_context loop_;
};

captured capture_of(spawn_request what, capture_limits limits = {}) {
    auto found = under_way(std::move(what), limits).end();
    if (!found) {
        FAIL(found.error().detail);
    }
    return std::move(*found);
}

failure failure_of(spawn_request what, capture_limits limits = {}) {
    const auto found = under_way(std::move(what), limits).end();
    REQUIRE_FALSE(found.has_value());
    return found.error();
}

spawn_request script(const scratch& at, const std::string& text) {
    return shell(text, {"AT=" + at.path().native()});
}

const std::string stubborn =
    "trap 'echo >>$AT/termed' TERM; echo $$ >$AT/pid; while :; do sleep 0.02; done";

} // namespace

TEST_CASE("a command's exit code and both its streams are captured", "[process][component]") {
    const auto found = capture_of(shell("printf out; printf err >&2; exit 3"));

    CHECK(found.exit_code == 3);
    CHECK_FALSE(found.signal);
    CHECK(found.out == "out");
    CHECK(found.err == "err");
}

TEST_CASE("a command that is ended by a signal has no exit code", "[process][component]") {
    const auto found = capture_of(shell("echo before; kill -SEGV $$"));

    CHECK_FALSE(found.exit_code);
    CHECK(found.signal == SIGSEGV);
    CHECK(found.out == "before\n");
}

TEST_CASE("exit code 15 is not the signal 15", "[process][component]") {
    CHECK(capture_of(shell("exit 15")).exit_code == 15);
    CHECK(capture_of(shell("kill -TERM $$")).signal == 15);
}

TEST_CASE("ten megabytes on each stream at once are captured whole", "[process][component]") {
    const auto found = capture_of(shell("head -c 10000000 /dev/zero | tr '\\0' e >&2 &"
                                        "head -c 10000000 /dev/zero | tr '\\0' o; wait"));

    CHECK(found.exit_code == 0);
    CHECK(found.out == std::string(10000000, 'o'));
    CHECK(found.err == std::string(10000000, 'e'));
}

TEST_CASE("a command reads nothing from us", "[process][component]") {
    CHECK(capture_of(shell("cat; echo end")).out == "end\n");
}

TEST_CASE("too much output stops a command", "[process][component]") {
    const scratch at;

    const auto failed =
        failure_of(script(at, "echo $$ >$AT/pid; exec yes"), {.output_bytes = 100000});

    CHECK(failed.code == errc::invalid);
    CHECK_THAT(failed.detail, ContainsSubstring("100000 bytes"));
    CHECK(is_gone(pid_in(at / "pid")));
}

TEST_CASE("output up to the limit is no failure", "[process][component]") {
    const auto found = capture_of(shell("printf 12345; printf 67890 >&2"), {.output_bytes = 10});

    CHECK(found.out + found.err == "1234567890");
}

TEST_CASE("a command that ignores TERM is killed after its deadline", "[process][component]") {
    const scratch at;

    const auto failed = failure_of(script(at, stubborn), {.deadline = 1s, .grace = 1s});

    CHECK(failed.code == errc::timed_out);
    CHECK_THAT(failed.detail, ContainsSubstring("1000 ms"));
    CHECK(content_of(at / "termed") == "\n"); // once, and first
    CHECK(is_gone(pid_in(at / "pid")));
    CHECK_FALSE(has_children());
}

TEST_CASE("the deadline ends the whole group", "[process][component]") {
    const scratch at;

    const auto failed = failure_of(
        script(at, "sleep 300 & echo $! >$AT/worker; echo $$ >$AT/pid; wait"),
        {.deadline = 500ms, .grace = 10s});

    CHECK(failed.code == errc::timed_out);
    CHECK(is_gone(pid_in(at / "pid")));
    CHECK(is_gone(pid_in(at / "worker")));
}

TEST_CASE("a grandchild that holds the pipe does not hold up the end", "[process][component]") {
    const scratch at;

    const auto found = capture_of(
        script(at, "sleep 300 & echo $! >$AT/worker; echo done; exit 4"), {.grace = 50ms});

    CHECK(found.exit_code == 4);
    CHECK(found.out == "done\n");
    CHECK(is_gone(pid_in(at / "worker")));
}

TEST_CASE("a grandchild that ignores TERM is killed", "[process][component]") {
    const scratch at;

    const auto found = capture_of(
        script(at, "(trap '' TERM; sleep 300) & echo $! >$AT/worker; echo done; exit 0"),
        {.grace = 50ms});

    CHECK(found.exit_code == 0);
    CHECK(is_gone(pid_in(at / "worker")));
}

TEST_CASE("what a grandchild still writes within the grace time is kept", "[process][component]") {
    const auto found = capture_of(
        shell("(until grep -q '^State:.Z' /proc/$$/status; do sleep 0.01; done; echo late) & "
              "echo early"),
        {.grace = 10s});

    CHECK(found.exit_code == 0);
    CHECK(found.out == "early\nlate\n");
}

TEST_CASE("a silent grandchild is not left behind either", "[process][component]") {
    const scratch at;

    const auto found =
        capture_of(script(at, "sleep 300 >/dev/null 2>&1 & echo $! >$AT/worker"), {.grace = 10s});

    CHECK(found.exit_code == 0);
    CHECK(is_gone(pid_in(at / "worker")));
}

TEST_CASE("a daemon with a session of its own is left alone", "[process][component]") {
    const scratch at;

    const auto found = capture_of(
        script(
            at, "setsid sh -c 'echo $$ >$AT/daemon; exec sleep 300' & "
                "while [ ! -s $AT/daemon ]; do sleep 0.01; done; echo started"),
        {.grace = 20ms});

    const auto daemon = pid_in(at / "daemon");
    CHECK(found.exit_code == 0);
    CHECK(found.out == "started\n");
    CHECK_FALSE(is_gone(daemon));
    ::kill(daemon, SIGKILL);
}

TEST_CASE("cancelling a capture stops the command", "[process][component]") {
    for (const auto how : {asio::cancellation_type::total, asio::cancellation_type::terminal}) {
        const scratch at;
        under_way running(script(at, stubborn), {.grace = 1s});
        REQUIRE(running.until([&] { return pid_in(at / "pid") > 0; }));

        running.cancel(how);

        CHECK_THROWS_AS(running.end(), boost::system::system_error);
        CHECK(content_of(at / "termed") == "\n");
        CHECK(is_gone(pid_in(at / "pid")));
        CHECK_FALSE(has_children());
    }
}

TEST_CASE("a second cancellation does not shorten the ladder's work", "[process][component]") {
    const scratch at;
    under_way running(script(at, stubborn), {.grace = 1s});
    REQUIRE(running.until([&] { return pid_in(at / "pid") > 0; }));

    running.cancel(asio::cancellation_type::total);
    REQUIRE(running.until([&] { return content_of(at / "termed") == "\n"; }));
    running.cancel(asio::cancellation_type::terminal);

    CHECK_THROWS_AS(running.end(), boost::system::system_error);
    CHECK(is_gone(pid_in(at / "pid")));
    CHECK_FALSE(has_children());
}

TEST_CASE("a loop that is destroyed takes its commands with it", "[process][component]") {
    const scratch at;
    const auto before = open_descriptors();
    {
        under_way running(script(at, stubborn));
        REQUIRE(running.until([&] { return pid_in(at / "pid") > 0; }));
    }

    CHECK(eventually([&] { return is_gone(pid_in(at / "pid")); }));
    CHECK(open_descriptors() == before);
    CHECK(eventually([] {
        static_cast<void>(capture_of({.argv = {"/bin/true"}, .environment = {}}));
        return !has_children(); // the next child that is started buries those left before
    }));
}

TEST_CASE("a command that is not there is not found", "[process][component]") {
    const auto failed = failure_of({.argv = {"/no/such/program"}, .environment = {}});

    CHECK(failed.code == errc::not_found);
    CHECK_FALSE(has_children());
}

TEST_CASE("a command that cannot be watched does not run on", "[process][component]") {
    const scratch at;

    const int code = in_fork([&] {
        forbid(SYS_pidfd_open);
        const auto found = under_way(script(at, stubborn)).end();
        return !found && found.error().code == errc::io ? 0 : 1;
    });

    CHECK(code == 0);
    const auto pid = pid_in(at / "pid");
    CHECK(eventually([pid] { return pid == 0 || is_gone(pid); }));
}

TEST_CASE("the captured descriptors cannot be given away", "[process][component]") {
    for (const int taken : {1, 2}) {
        auto what = shell("true");
        what.descriptors.push_back({0, taken});
        CHECK(failure_of(what).code == errc::invalid);
    }
}

TEST_CASE("an early wake-up is not taken for the end of a command", "[process][component]") {
    asio::io_context loop;
    std::optional<result<captured>> found;
    auto task = [](asio::io_context& on) -> asio::awaitable<result<captured>> {
        // Both are reported at once; the event of the second is queued while we run. Closed now, it
        // leaves that event to the next descriptor: the pidfd of the command.
        auto first = readable_pipe(on);
        auto second = readable_pipe(on);
        const auto served = std::make_shared<bool>(false);
        second.async_wait(
            asio::posix::descriptor_base::wait_read, [served](auto) { *served = true; });
        co_await first.async_wait(asio::posix::descriptor_base::wait_read, asio::use_awaitable);
        REQUIRE_FALSE(*served);
        second.close();
        auto what = shell("exec >&- 2>&-; sleep 0.05; exit 3"); // only its end is left to wait for
        const capture_limits limits;
        auto ended = co_await capture(std::move(what), limits);
        co_return ended;
    };

    asio::co_spawn(loop, task(loop), [&](std::exception_ptr, result<captured> r) {
        found.emplace(std::move(r));
    });
    loop.run_for(30s);

    REQUIRE(found);
    REQUIRE(found->has_value());
    CHECK((*found)->exit_code == 3);
}

TEST_CASE("captures leave no descriptor, no zombie and no order", "[process][component]") {
    const auto before = open_descriptors();
    {
        std::vector<std::unique_ptr<under_way>> many;
        for (int i = 0; i < 40; ++i) {
            many.push_back(std::make_unique<under_way>(shell("echo " + std::to_string(i))));
        }
        while (!many.empty()) { // the last one first
            const auto number = std::to_string(many.size() - 1);
            CHECK(many.back()->end().value().out == number + "\n");
            many.pop_back();
        }
    }

    CHECK(open_descriptors() == before);
    CHECK_FALSE(has_children());
}
