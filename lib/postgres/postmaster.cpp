#include "postgres/postmaster.hpp"

#include "base/file.hpp"
#include "postgres/stop_notes.hpp"
#include "process/child.hpp"
#include "process/identity.hpp"
#include "process/process_list.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <set>

namespace restpoint::postgres {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr std::size_t longest_file = 65536;
constexpr std::size_t most_titles = 32;

/// Whether the process works in that directory. Where we may not look (it is another user's), its
/// name has to do.
bool works_in(pid_t pid, const std::filesystem::path& folder) {
    struct stat wanted{};
    struct stat found{};
    const auto place = fmt::format("/proc/{}/cwd", pid);
    if (::stat(folder.c_str(), &wanted) != 0) {
        return false;
    }
    if (::stat(place.c_str(), &found) == 0) {
        return found.st_dev == wanted.st_dev && found.st_ino == wanted.st_ino;
    }
    const auto name = read_file(fmt::format("/proc/{}/comm", pid), longest_file);
    return name && (*name == "postgres\n" || *name == "postmaster\n");
}

std::string title_of(pid_t pid) {
    const auto text = read_file(fmt::format("/proc/{}/cmdline", pid), longest_file);
    std::string title = text ? *text : std::string{};
    title.erase(title.find_last_not_of('\0') + 1);
    std::ranges::replace(title, '\0', ' ');
    return title;
}

} // namespace

std::optional<postmaster> find_postmaster(const std::filesystem::path& data_dir) {
    const auto text = read_file(data_dir / "postmaster.pid", longest_file);
    const auto file = text ? parse_postmaster_file(*text) : std::nullopt;
    const auto who = file ? process::identify(file->pid) : std::nullopt;
    if (!who || !works_in(who->pid, data_dir)) {
        return std::nullopt;
    }
    auto handle = process::watch(*who);
    if (!handle) {
        return std::nullopt;
    }
    return postmaster{*file, std::move(*handle)};
}

run_state state_of(const postmaster_file& server) {
    return server.status == "ready" || server.status == "standby" || server.status == "stopping"
               ? run_state::running
               : run_state::starting;
}

std::vector<std::string> titles_below(pid_t server) {
    std::vector<process::stat_line> all;
    process::each_living([&](const process::stat_line& line) {
        all.push_back(line);
        return true;
    });
    std::set<pid_t> family{server};
    std::vector<std::string> titles;
    // Children have no greater pids than their parents by rule: until nobody is found any more.
    for (bool found = true; found && titles.size() < most_titles;) {
        found = false;
        for (const auto& line : all) {
            if (family.contains(line.parent) && family.insert(line.pid).second) {
                titles.push_back(title_of(line.pid));
                found = true;
            }
        }
    }
    return titles;
}

result<> tell_to_stop(const postmaster& server, stop_mode mode) {
    const int signal = mode == stop_mode::fast ? SIGINT : SIGQUIT;
    const auto sent = ::syscall(SYS_pidfd_send_signal, server.handle.get(), signal, nullptr, 0);
    if (sent == 0 || errno == ESRCH) {
        return {};
    }
    return system_failure(
        fmt::format("cannot signal PostgreSQL (pid {})", server.file.pid), errno,
        "restpoint must run as the user that PostgreSQL runs as");
}

result<> wait_for_stop(const postmaster& server, stop_mode mode, deadline_time deadline) {
    const auto begin = clock::now();
    while (!process::has_ended(server.handle.get())) {
        const auto now = clock::now();
        if (now >= deadline) {
            return stop_took_too_long(
                mode == stop_mode::fast ? "fast" : "immediate",
                std::chrono::floor<std::chrono::milliseconds>(now - begin),
                titles_below(server.file.pid));
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
        pollfd fd{server.handle.get(), POLLIN, 0};
        ::poll(&fd, 1, static_cast<int>(std::min(left, std::chrono::milliseconds{1h}).count()));
    }
    return {};
}

} // namespace restpoint::postgres
