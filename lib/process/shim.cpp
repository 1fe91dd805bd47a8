#include "process/shim.hpp"

#include "base/time_text.hpp"
#include "process/process_list.hpp"
#include "process/shim_claim.hpp"
#include "process/shim_log.hpp"
#include "process/spawn.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <set>
#include <vector>

namespace restpoint::process {

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

constexpr int lock_in_child = 9;
constexpr std::size_t read_bytes = 128U << 10U;
constexpr int pipe_bytes = 1 << 20;
constexpr int reads_per_turn = 8;          ///< signals are looked at in between
constexpr int reads_at_the_end = 1024;     ///< somebody outside the tree might go on writing
constexpr std::size_t longest_error = 512; ///< of a report, which has 4 KiB reserved
constexpr auto look_again = 100ms;         ///< at a tree that is being stopped
constexpr auto try_log_again = 1000ms;
constexpr int publish_attempts = 10;

/// The signals that mean something to us, as a descriptor. They and those that must not end us are
/// blocked, not ignored: a child would inherit that.
unique_fd open_signals() {
    sigset_t ours;
    ::sigemptyset(&ours);
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGCHLD}) {
        // Ignored by whoever started us, SIGCHLD would take away our children's exit codes.
        std::signal(signal, SIG_DFL);
        ::sigaddset(&ours, signal);
    }
    auto blocked = ours;
    for (const int signal : {SIGHUP, SIGPIPE, SIGQUIT, SIGUSR2, SIGXFSZ}) {
        ::sigaddset(&blocked, signal);
    }
    ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
    return unique_fd{::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK)};
}

/// The next signal that has come; 0 when there is none.
int next_signal(int fd) {
    signalfd_siginfo info{};
    ssize_t n = -1;
    do {
        n = ::read(fd, &info, sizeof info);
    } while (n < 0 && errno == EINTR);
    return n == static_cast<ssize_t>(sizeof info) ? static_cast<int>(info.ssi_signo) : 0;
}

bool is_readable(const pollfd& fd) {
    return (fd.revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

/// Waits for the word. Empty when it was given; else why it will not be.
std::string wait_for_word(int word, int signals) {
    for (;;) {
        std::array<pollfd, 2> fds{{{signals, POLLIN, 0}, {word, POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), -1) < 0) {
            continue; // EINTR: nothing else can go wrong with two descriptors
        }
        while (const int signal = next_signal(signals)) {
            if (signal != SIGCHLD) {
                return fmt::format("signal {} came before the word to start", signal);
            }
        }
        if (!is_readable(fds[1])) {
            continue;
        }
        char byte = 0;
        const auto n = ::read(word, &byte, 1);
        if (n == 1) {
            return {};
        }
        if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
            return "nobody gave the word to start";
        }
    }
}

std::vector<std::string> our_environment() {
    std::vector<std::string> out;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        out.emplace_back(*entry);
    }
    return out;
}

/// The child, all that descends from it, and their output, until none of it is left.
class tree {
  public:
    tree(const shim_options& options, int signals, shim_log& log)
        : options_(options), signals_(signals), log_(log) {}

    [[nodiscard]] result<> start(const shim_claim& claim);
    void follow();
    void describe(exit_report& report) const;

  private:
    [[nodiscard]] int timeout() const;
    void take_signals();
    void take_output(int most_reads);
    void reap();
    void stop_the_rest();
    void look_for_rest();

    const shim_options& options_;
    int signals_;
    shim_log& log_;
    unique_fd output_ = {};
    std::vector<char> buffer_ = std::vector<char>(read_bytes);

    pid_t leader_ = 0; ///< and its group; ours to name until leader_status_ is set
    std::optional<int> leader_status_ = {};
    bool over_ = false;
    bool killing_ = false;
    bool group_told_ = false;
    clock_type::time_point kill_at_ = clock_type::time_point::max();
    clock_type::time_point look_at_ = clock_type::time_point::min();
    std::set<pid_t> told_ = {}; ///< that outlived the leader, got TERM, and are not reaped yet
    std::uint64_t orphans_ = 0;
};

result<> tree::start(const shim_claim& claim) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return system_failure("cannot make a pipe for the child's output", errno);
    }
    output_.reset(ends[0]);
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

void tree::follow() {
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

int tree::timeout() const {
    if (killing_ || leader_status_) {
        return static_cast<int>(look_again.count());
    }
    return log_.is_losing() ? static_cast<int>(try_log_again.count()) : -1;
}

void tree::take_signals() {
    while (const int signal = next_signal(signals_)) {
        if (signal == SIGUSR1) {
            killing_ = true;
            look_at_ = clock_type::time_point::min();
        } else if (signal != SIGCHLD && !leader_status_) {
            ::kill(-leader_, SIGTERM);
        }
    }
}

void tree::take_output(int most_reads) {
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

void tree::reap() {
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
        look_at_ = clock_type::time_point::min(); // its children are ours now
        if (pid == leader_ && !leader_status_) {
            leader_status_ = status;
            kill_at_ = clock_type::now() + std::chrono::seconds{options_.orphan_grace_s};
        }
    }
}

/// What outlives the leader is told to end at once, for it writes into the repo beside the next
/// backup, and killed after the grace time.
void tree::stop_the_rest() {
    const auto now = clock_type::now();
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
void tree::look_for_rest() {
    const int signal = killing_ ? SIGKILL : SIGTERM;
    for (const auto pid : children_of(::getpid())) {
        const bool is_new = leader_status_ && told_.insert(pid).second;
        orphans_ += is_new ? 1 : 0;
        if (is_new || killing_) {
            ::kill(pid, signal);
        }
        // A member of it that is ours to reap proves that the group is still the leader's.
        if (leader_status_ && ::getpgid(pid) == leader_ && (killing_ || !group_told_)) {
            ::kill(-leader_, signal);
            group_told_ = true;
        }
    }
}

void tree::describe(exit_report& report) const {
    const int status = leader_status_.value_or(0);
    if (WIFSIGNALED(status)) {
        report.signal = WTERMSIG(status);
    } else {
        report.exit_code = WEXITSTATUS(status);
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

void not_started(exit_report& report, std::string_view code, std::string why) {
    if (why.size() > longest_error) {
        why.resize(longest_error);
    }
    report.error_code = code;
    report.error = std::move(why);
}

int end(const shim_claim& claim, exit_report report) {
    report.finished_at = rfc3339(std::chrono::system_clock::now());
    for (int i = 0; i < publish_attempts; ++i) {
        const auto published = publish(claim, report);
        if (published) {
            return static_cast<int>(shim_exit::reported);
        }
        fmt::print(stderr, "job-exec: {}\n", published.error().detail);
        ::poll(nullptr, 0, 1000);
    }
    return static_cast<int>(shim_exit::not_reported);
}

/// From the word to the end of the last process.
exit_report run_tree(
    const shim_options& options, const shim_claim& claim, int signals, shim_log& log) {
    exit_report report;
    tree job(options, signals, log);
    report.started_at = rfc3339(std::chrono::system_clock::now());
    if (const auto started = job.start(claim); !started) {
        const auto& why = started.error();
        not_started(report, why.code == errc::not_found ? "not_found" : "io", why.detail);
        return report;
    }
    report.started = true;
    job.follow();
    log.finish();
    job.describe(report);
    const auto counts = log.so_far();
    report.lines = counts.lines;
    report.bytes = counts.bytes;
    report.noise = counts.noise;
    report.dropped = counts.dropped;
    return report;
}

} // namespace

int run_shim(
    const shim_options& options, const std::function<line_fate(std::string_view)>& judge,
    const std::function<std::string(std::string_view)>& own_line) {
    const auto signals = open_signals();
    if (!signals || ::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        fmt::print(stderr, "job-exec: {}\n", system_failure("cannot prepare", errno).detail);
        return static_cast<int>(shim_exit::refused);
    }
    auto claim = claim_job(files_of(options.folder, options.id));
    if (!claim) {
        fmt::print(stderr, "job-exec: {}\n", claim.error().why);
        return static_cast<int>(claim.error().code);
    }
    unique_fd word{options.word_descriptor};
    const auto silence = wait_for_word(word.get(), signals.get());
    word.reset();
    if (!silence.empty()) {
        exit_report report;
        not_started(report, "abandoned", silence);
        return end(*claim, std::move(report));
    }
    shim_log log(std::move(claim->log), options.detail_cap, judge, own_line);
    auto report = run_tree(options, *claim, signals.get(), log);
    return end(*claim, std::move(report));
}

} // namespace restpoint::process
