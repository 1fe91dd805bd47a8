#include "postgres/agent_child.hpp"

#include "base/file.hpp"
#include "postgres/postmaster.hpp"
#include "process/process_list.hpp"
#include "process/spawn.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

namespace restpoint::postgres {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr int lock_in_child = 9;
constexpr auto kill_after = 5s;   ///< as a postmaster does it in an immediate shutdown
constexpr auto titles_after = 1s; ///< an ordinary stop is over by then

std::vector<std::string> whole_environment() {
    std::vector<std::string> all;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        all.emplace_back(*entry);
    }
    return all;
}

/// Our children that are PostgreSQL's, by the name of their program. Other orphans, such as an
/// asynchronous push into the archive, end when they have done their work, and do no harm meanwhile.
std::vector<pid_t> rest_of_a_server() {
    auto found = process::children_of(::getpid());
    std::erase_if(found, [](pid_t pid) {
        constexpr std::size_t longest = 64;
        const auto name = read_file(fmt::format("/proc/{}/comm", pid), longest);
        return !name || *name != "postgres\n";
    });
    return found;
}

} // namespace

result<> agent_child::start() {
    std::error_code ignored;
    const auto started = process::spawn(
        {.argv = argv_,
         .environment = whole_environment(),
         .descriptors = {{0, 0}, {1, 1}, {2, 2}, {lock_, lock_in_child}},
         .folder = std::filesystem::current_path(ignored),
         .dies_with_parent = SIGINT});
    if (!started) {
        return started.error();
    }
    pid_ = *started;
    clearing_since_.reset();
    stop_ordered_ = false;
    ended_by_itself_ = false;
    return {};
}

void agent_child::signal(int number) const {
    if (runs()) { // not reaped, so the number is still its own
        ::kill(pid_, number);
    }
}

void agent_child::stop(stop_mode mode) {
    if (runs() && !stop_ordered_) {
        stopping_since_ = clock::now();
        stop_ordered_ = true;
    }
    signal(mode == stop_mode::fast ? SIGINT : SIGQUIT);
}

bool agent_child::reap() {
    bool server_ended = false;
    for (;;) {
        int status = 0;
        const auto pid = ::waitpid(-1, &status, WNOHANG);
        if (pid < 0 && errno == EINTR) {
            continue;
        }
        if (pid <= 0) {
            others_run_ = pid == 0 && !runs() && !rest_of_a_server().empty();
            return server_ended;
        }
        if (pid == pid_) {
            pid_ = 0;
            last_status_ = status;
            ended_by_itself_ = !stop_ordered_;
            server_ended = true;
        }
    }
}

void agent_child::clear_rest() {
    const auto now = clock::now();
    if (!clearing_since_) {
        clearing_since_ = now;
    }
    const int signal = now < *clearing_since_ + kill_after ? SIGQUIT : SIGKILL;
    for (const auto pid : rest_of_a_server()) {
        ::kill(pid, signal);
    }
}

run_state agent_child::state() const {
    if (!runs()) {
        return run_state::stopped;
    }
    // Its working directory is the data directory, from early on; before it is something else.
    constexpr std::size_t longest = 65536;
    const auto text = read_file(fmt::format("/proc/{}/cwd/postmaster.pid", pid_), longest);
    const auto file = text ? parse_postmaster_file(*text) : std::nullopt;
    return file && file->pid == pid_ ? state_of(*file) : run_state::starting;
}

std::vector<std::string> agent_child::titles() const {
    if (!is_stopping() || clock::now() < stopping_since_ + titles_after) {
        return {};
    }
    return titles_below(pid_);
}

} // namespace restpoint::postgres
