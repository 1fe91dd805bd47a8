#include "children.hpp"
#include "process/identity.hpp"

#include <poll.h>

using namespace restpoint;
using namespace restpoint::process;
using namespace restpoint::process::test;

namespace {

/// A process that ends when told to.
struct sleeper {
    sleeper() {
        const auto child = spawn({.argv = {"/bin/sleep", "300"}, .environment = {}});
        REQUIRE(child.has_value());
        pid = *child;
    }
    sleeper(const sleeper&) = delete;
    sleeper& operator=(const sleeper&) = delete;
    ~sleeper() { bury(); }

    void end() const {
        ::kill(pid, SIGKILL);
        siginfo_t ignored{};
        REQUIRE(::waitid(P_PID, static_cast<id_t>(pid), &ignored, WEXITED | WNOWAIT) == 0);
    }
    void bury() {
        if (pid > 0) {
            ::kill(pid, SIGKILL);
            ::waitpid(std::exchange(pid, 0), nullptr, 0);
        }
    }

    pid_t pid = 0;
};

bool is_readable(const unique_fd& fd) {
    pollfd about{fd.get(), POLLIN, 0};
    return ::poll(&about, 1, 0) == 1;
}

} // namespace

TEST_CASE("a process is the same as long as it lives, and no other", "[process][component]") {
    const sleeper one;
    const sleeper other;

    const auto first = identify(one.pid);

    REQUIRE(first);
    CHECK(first->pid == one.pid);
    CHECK(first->boot_id.size() == 36);
    CHECK(first == identify(one.pid));
    CHECK(first != identify(other.pid));
}

TEST_CASE("a zombie and a pid that nobody has are nobody", "[process][component]") {
    sleeper child;
    const auto pid = child.pid;

    child.end();
    const auto as_zombie = identify(pid);
    child.bury();

    CHECK_FALSE(as_zombie);
    CHECK_FALSE(identify(pid));
    CHECK_FALSE(identify(0));
    CHECK_FALSE(identify(-1));
}

TEST_CASE("a watch tells the end of a process", "[process][component]") {
    const sleeper child;
    const auto who = identify(child.pid);
    REQUIRE(who);

    const auto watched = watch(*who);
    REQUIRE(watched);
    const bool before = is_readable(*watched);
    child.end();

    CHECK_FALSE(before);
    CHECK(is_readable(*watched));
}

TEST_CASE("a watch is not deceived by a reused pid", "[process][component]") {
    const sleeper child;
    const auto who = identify(child.pid);
    REQUIRE(who);
    auto earlier = *who;
    --earlier.start_ticks;
    auto before_reboot = *who;
    before_reboot.boot_id.front() = before_reboot.boot_id.front() == '0' ? '1' : '0';

    CHECK_FALSE(watch(earlier));
    CHECK_FALSE(watch(before_reboot));
    CHECK(watch(*who));
}

TEST_CASE("what has ended cannot be watched", "[process][component]") {
    sleeper child;
    const auto who = identify(child.pid);
    REQUIRE(who);

    child.end();
    const auto as_zombie = watch(*who).has_value();
    child.bury();

    CHECK_FALSE(as_zombie);
    CHECK_FALSE(watch(*who));
}
