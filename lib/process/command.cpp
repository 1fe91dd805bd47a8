#include "process/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <utility>

namespace restpoint::process {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t output_kept = 16384;
constexpr auto grace = 3s;
constexpr auto look_again = 20ms; ///< at a child that cannot be watched
constexpr int reads_at_the_end = 64;

/// Takes what is there, without waiting; false when nothing more can come.
bool take(int fd, std::string& into) {
    std::array<char, 4096> block{};
    for (int i = 0; i < reads_at_the_end; ++i) {
        const auto n = ::read(fd, block.data(), block.size());
        if (n > 0) {
            into.append(block.data(), static_cast<std::size_t>(n));
            if (into.size() > output_kept) {
                into.erase(0, into.size() - output_kept);
            }
        } else if (n == 0 || errno != EINTR) {
            return n < 0 && errno == EAGAIN;
        }
    }
    return true;
}

class wait_for_end {
  public:
    wait_for_end(command running, clock::time_point deadline)
        : running_(std::move(running)), handle_(watch_child(running_.pid)), deadline_(deadline) {}

    command_end operator()() {
        for (;;) {
            if (const auto end = reap(running_.pid)) {
                found_.how = *end;
                break;
            }
            stop_when_late();
            wait();
        }
        if (running_.output) {
            take(running_.output.get(), found_.output);
        }
        return std::move(found_);
    }

  private:
    void stop_when_late() {
        const auto now = clock::now();
        if (now < deadline_) {
            return;
        }
        // Not reaped yet, so the number and the group are still its own.
        if (!std::exchange(found_.timed_out, true)) {
            ::kill(-running_.pid, SIGTERM);
        } else {
            ::kill(running_.pid, SIGKILL);
        }
        deadline_ = now + grace;
    }

    void wait() {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock::now());
        const auto most = handle_ ? std::chrono::milliseconds{1h} : look_again;
        std::array<pollfd, 2> fds{
            {{handle_ ? handle_->get() : -1, POLLIN, 0}, {running_.output.get(), POLLIN, 0}}};
        const int ready =
            ::poll(fds.data(), fds.size(), static_cast<int>(std::clamp(left, 0ms, most).count()));
        if (ready > 0 && fds[1].revents != 0 && !take(running_.output.get(), found_.output)) {
            running_.output.reset();
        }
    }

    command running_;
    std::optional<unique_fd> handle_;
    clock::time_point deadline_;
    command_end found_ = {};
};

} // namespace

result<command> begin_command(spawn_request what) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_failure("cannot make a pipe for a command's output", errno);
    }
    command made;
    made.output.reset(ends[0]);
    const unique_fd write_end{ends[1]};
    ::fcntl(made.output.get(), F_SETFL, O_NONBLOCK);
    what.descriptors.push_back({write_end.get(), 1});
    what.descriptors.push_back({write_end.get(), 2});
    const auto child = spawn(what);
    if (!child) {
        return child.error();
    }
    made.pid = *child;
    return made;
}

command_end finish_command(command running, clock::time_point deadline) {
    return wait_for_end(std::move(running), deadline)();
}

result<command_end> run_command(spawn_request what, clock::time_point deadline) {
    auto running = begin_command(std::move(what));
    if (!running) {
        return running.error();
    }
    return finish_command(std::move(*running), deadline);
}

} // namespace restpoint::process
