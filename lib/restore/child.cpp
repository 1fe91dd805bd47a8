#include "restore/child.hpp"

#include "base/unique_fd.hpp"
#include "process/child.hpp"
#include "process/spawn.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace restpoint::restore {
namespace {

volatile std::sig_atomic_t stop_wanted = 0;

void note_stop(int) {
    stop_wanted = 1;
}

constexpr int look_again = 100; ///< milliseconds
constexpr std::size_t most_output = 256U << 20U;

/// All that can be read now. False: the other end is closed.
bool drain(int from, std::string& into) {
    std::array<char, 65536> buffer{};
    for (;;) {
        const auto n = ::read(from, buffer.data(), buffer.size());
        if (n > 0 && into.size() < most_output) {
            into.append(buffer.data(), static_cast<std::size_t>(n));
        } else if (n == 0) {
            return false;
        } else if (n < 0 && errno != EINTR) {
            return errno == EAGAIN;
        }
    }
}

} // namespace

bool stop_is_wanted() {
    return stop_wanted != 0;
}

void catch_stop() {
    struct sigaction how{};
    how.sa_handler = note_stop;
    ::sigaction(SIGTERM, &how, nullptr);
    ::sigaction(SIGINT, &how, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

bool wait_a_moment(int milliseconds) {
    for (int left = milliseconds; left > 0 && stop_wanted == 0; left -= look_again) {
        ::poll(nullptr, 0, left < look_again ? left : look_again);
    }
    return stop_wanted == 0;
}

result<child_result> run_child(
    std::vector<std::string> argv, const std::vector<std::string>& environment, output how) {
    std::array<int, 2> ends{-1, -1};
    if (how == output::kept && ::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_failure("cannot make a pipe for a child's output", errno);
    }
    unique_fd reader{ends[0]};
    unique_fd writer{ends[1]};
    process::spawn_request what{.argv = std::move(argv), .environment = environment};
    what.descriptors = {
        {how == output::kept ? writer.get() : STDOUT_FILENO, STDOUT_FILENO},
        {STDERR_FILENO, STDERR_FILENO}};
    what.group = process::grouping::own_group;
    what.dies_with_parent = SIGTERM;
    const auto child = process::spawn(what);
    if (!child) {
        return child.error();
    }
    writer.reset();
    if (reader) {
        ::fcntl(reader.get(), F_SETFL, O_NONBLOCK);
    }
    child_result told;
    bool passed_on = false;
    for (;;) {
        const auto ended = process::reap(*child);
        if (reader && !drain(reader.get(), told.out)) {
            reader.reset();
        }
        if (ended) {
            told.exit_code = ended->exit_code;
            return told;
        }
        if (stop_wanted != 0 && !passed_on) {
            passed_on = true;
            ::kill(-*child, SIGTERM);
        }
        std::array<pollfd, 1> fds{{{reader ? reader.get() : -1, POLLIN, 0}}};
        ::poll(fds.data(), fds.size(), reader ? look_again : look_again / 10);
    }
}

} // namespace restpoint::restore
