#include "process/shim_tree.hpp"

#include "process/process_list.hpp"
#include "process/signal_descriptor.hpp"
#include "process/spawn.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

namespace restpoint::process {

namespace {

using namespace std::chrono_literals;

constexpr int lock_in_child = 9;
constexpr int pipe_bytes = 1 << 20;
constexpr int reads_per_turn = 8;      ///< signals are looked at in between
constexpr int reads_at_the_end = 1024; ///< somebody outside the tree might go on writing
constexpr auto look_again = 250ms;     ///< at a tree that is being stopped
constexpr auto try_log_again = 1000ms;

std::vector<std::string> our_environment() {
    std::vector<std::string> out;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        out.emplace_back(*entry);
    }
    return out;
}

/// Whether a child has ended that is not reaped.
bool has_zombie() {
    siginfo_t about{};
    return ::waitid(P_ALL, 0, &about, WEXITED | WNOHANG | WNOWAIT) == 0 && about.si_pid != 0;
}

} // namespace

result<> shim_tree::start(const shim_claim& claim) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_failure("cannot make a pipe for the child's output", errno);
    }
    output_.reset(ends[0]);
    lock_ = claim.files.lock;
    const unique_fd write_end{ends[1]};
    ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    ::fcntl(output_.get(), F_SETPIPE_SZ, pipe_bytes); // refused past a user's limit: no matter
    spawn_request what{.argv = options_.argv, .environment = our_environment()};
    what.descriptors = {
        {write_end.get(), 1}, {write_end.get(), 2}, {claim.lock.get(), lock_in_child}};
    what.group = grouping::own_group;
    what.dies_with_parent = SIGTERM;
    const auto child = spawn(what);
    if (!child) {
        return child.error();
    }
    leader_ = *child;
    // None when it is over already: then there is nobody to name.
    if (const auto who = identify(leader_)) {
        name_child(claim, *who);
    }
    return {};
}

void shim_tree::follow() {
    while (!over_) {
        std::array<pollfd, 2> fds{{{signals_, POLLIN, 0}, {output_.get(), POLLIN, 0}}};
        const int ready = ::poll(fds.data(), fds.size(), timeout());
        if (ready == 0 && log_.is_losing()) {
            log_.retry();
        }
        take_signals();
        if (ready > 0 && is_readable(fds[1])) {
            take_output(reads_per_turn);
        }
        reap();
        stop_the_rest();
    }
    take_output(reads_at_the_end);
}

int shim_tree::timeout() const {
    if (killing_ || leader_status_) {
        return static_cast<int>(look_again.count());
    }
    return log_.is_losing() ? static_cast<int>(try_log_again.count()) : -1;
}

void shim_tree::take_signals() {
    while (const int signal = next_signal(signals_)) {
        if (signal == SIGUSR1) {
            killing_ = true;
            look_at_ = clock::time_point::min();
        } else if (signal != SIGCHLD && !leader_status_) {
            ::kill(-leader_, SIGTERM);
        }
    }
}

void shim_tree::take_output(int most_reads) {
    for (int i = 0; i < most_reads && output_; ++i) {
        const auto n = ::read(output_.get(), buffer_.data(), buffer_.size());
        if (n > 0) {
            log_.take({buffer_.data(), static_cast<std::size_t>(n)});
        } else if (n < 0 && errno == EAGAIN) {
            return;
        } else if (n == 0 || errno != EINTR) {
            output_.reset(); // end of file; processes that closed it may go on
        }
    }
}

void shim_tree::reap() {
    for (;;) {
        int status = 0;
        const auto pid = ::waitpid(-1, &status, WNOHANG);
        if (pid < 0 && errno == EINTR) {
            continue;
        }
        if (pid <= 0) {
            over_ = pid < 0; // ECHILD: as a subreaper we are the last to have children
            return;
        }
        told_.erase(pid);
        look_at_ = clock::time_point::min(); // its children are ours now
        if (pid == leader_ && !leader_status_) {
            leader_status_ = status;
            kill_at_ = clock::now() + std::chrono::seconds{options_.orphan_grace_s};
        }
    }
}

/// What outlives the leader is told to end at once, for it writes into the repo beside the next
/// backup, and killed after the grace time.
void shim_tree::stop_the_rest() {
    const auto now = clock::now();
    killing_ = killing_ || now >= kill_at_;
    if (over_ || (!killing_ && !leader_status_) || now < look_at_) {
        return;
    }
    look_at_ = now + look_again;
    if (killing_ && !leader_status_) {
        ::kill(-leader_, SIGKILL);
    }
    look_for_rest();
}

/// Signals our direct children only, whose pids cannot be anybody else's before we reap them. The
/// children of those become ours when they end, and are found the next time.
void shim_tree::look_for_rest() {
    const int signal = killing_ ? SIGKILL : SIGTERM;
    bool is_left = false;
    for (const auto pid : children_of(::getpid())) {
        if (belongs_to_us(pid)) {
            is_left = true;
            stop(pid, signal);
        }
    }
    // Who ended while we looked may have left us a child that we have not seen.
    over_ = !is_left && leader_status_ && !has_zombie();
}

void shim_tree::stop(pid_t child, int signal) {
    const bool is_new = leader_status_ && told_.insert(child).second;
    orphans_ += is_new ? 1 : 0;
    if (is_new || killing_) {
        ::kill(child, signal);
    }
    // A member of it that is ours to reap proves that the group is still the leader's.
    if (leader_status_ && ::getpgid(child) == leader_ && (killing_ || !group_told_)) {
        ::kill(-leader_, signal);
        group_told_ = true;
    }
}

bool shim_tree::belongs_to_us(pid_t child) const {
    return ::getsid(child) == ::getsid(0) || holds_open(child, lock_);
}

void shim_tree::describe(exit_report& report) const {
    if (leader_status_ && WIFSIGNALED(*leader_status_)) {
        report.signal = WTERMSIG(*leader_status_);
    } else if (leader_status_) {
        report.exit_code = WEXITSTATUS(*leader_status_);
    }
    report.orphans = orphans_;
    struct rusage used{};
    if (::getrusage(RUSAGE_CHILDREN, &used) == 0) {
        const auto seconds = [](const timeval& t) {
            return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
        };
        report.cpu_user = seconds(used.ru_utime);
        report.cpu_system = seconds(used.ru_stime);
        report.max_rss = std::int64_t{used.ru_maxrss} * 1024;
    }
}

} // namespace restpoint::process
