#include "process/shim.hpp"

#include "base/time_text.hpp"
#include "base/utf8.hpp"
#include "process/shim_claim.hpp"
#include "process/shim_log.hpp"
#include "process/shim_tree.hpp"
#include "process/signal_descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>

namespace restpoint::process {

namespace {

constexpr std::size_t longest_error = 512; ///< of a report, which has 4 KiB reserved
constexpr int publish_attempts = 10;

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

int refuse(shim_exit code, std::string_view why) {
    fmt::print(stderr, "job-exec: {}\n", why);
    return static_cast<int>(code);
}

void not_started(exit_report& report, std::string_view code, std::string_view why) {
    report.error_code = code;
    report.error = presentable(why, longest_error);
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
    shim_tree job(options, signals, log);
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

std::string_view explain(shim_exit code) {
    switch (code) {
    case shim_exit::reported:
        return "the job's report was written";
    case shim_exit::not_reported:
        return "the job is over, but its report could not be written to the jobs folder";
    case shim_exit::refused:
        return "nothing was started: the job's lock, log or report cannot be made in the jobs "
               "folder";
    case shim_exit::no_room:
        return "nothing was started: there is no room for the job's report in the jobs folder";
    case shim_exit::already_running:
        return "nothing was started: another process holds the job's lock";
    case shim_exit::already_reported:
        return "nothing was started: the job has a report, so it has been run";
    }
    return "this is no exit code of a shim: it ended before it could look at the job";
}

int run_shim(
    const shim_options& options, const std::function<line_fate(std::string_view)>& judge,
    const std::function<std::string(std::string_view)>& own_line) {
    // First of all, or the next file that is opened would take its place.
    if (::fcntl(options.word_descriptor, F_GETFD) < 0) {
        return refuse(shim_exit::refused, "there is no descriptor to wait for the word on");
    }
    unique_fd word{options.word_descriptor};
    const auto signals = open_signals(
        {SIGTERM, SIGINT, SIGUSR1, SIGCHLD}, {SIGHUP, SIGPIPE, SIGQUIT, SIGUSR2, SIGXFSZ});
    if (!signals || ::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        return refuse(shim_exit::refused, system_failure("cannot prepare", errno).detail);
    }
    auto claim = claim_job(files_of(options.folder, options.id));
    if (!claim) {
        return refuse(claim.error().code, claim.error().why);
    }
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
