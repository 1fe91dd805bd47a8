#include "process/process_list.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <climits>
#include <memory>
#include <string>
#include <string_view>

namespace restpoint::process {

namespace {

constexpr int most_processes = 1 << 22; ///< the kernel's own limit of pids
constexpr int most_descriptors = 65536; ///< looked at per process

struct close_folder {
    void operator()(DIR* folder) const { ::closedir(folder); }
};

/// Calls `visit` with each number that names an entry of `folder`, until it returns false.
void each_number(
    const std::string& folder, int most, const std::function<bool(int number)>& visit) {
    const std::unique_ptr<DIR, close_folder> open{::opendir(folder.c_str())};
    if (!open) {
        return; // the process is gone, or another user's
    }
    for (int seen = 0; seen < most;) {
        const auto* const entry = ::readdir(open.get());
        if (entry == nullptr) {
            return;
        }
        const std::string_view name = entry->d_name;
        int number = 0;
        const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number);
        if (parsed.ec != std::errc{} || parsed.ptr != name.data() + name.size()) {
            continue;
        }
        ++seen;
        if (!visit(number)) {
            return;
        }
    }
}

struct wanted_file {
    std::string name; ///< without its folder
    struct stat about = {};
};

/// Whether the link /proc/PID/fd/N leads to the file.
bool leads_to(const std::string& link, const wanted_file& wanted) {
    std::array<char, PATH_MAX> target{};
    const auto n = ::readlink(link.c_str(), target.data(), target.size());
    if (n <= 0 || std::string_view(target.data(), static_cast<std::size_t>(n)).find(wanted.name) ==
                      std::string_view::npos) {
        return false;
    }
    struct stat found{};
    return ::stat(link.c_str(), &found) == 0 && found.st_dev == wanted.about.st_dev &&
           found.st_ino == wanted.about.st_ino;
}

bool holds(pid_t pid, const wanted_file& wanted) {
    bool found = false;
    const auto folder = fmt::format("/proc/{}/fd", pid);
    each_number(folder, most_descriptors, [&](int number) {
        found = leads_to(fmt::format("{}/{}", folder, number), wanted);
        return !found;
    });
    return found;
}

} // namespace

void each_living(const std::function<bool(const stat_line&)>& visit) {
    each_number("/proc", most_processes, [&](int pid) {
        const auto line = read_stat_line(pid);
        return !line || line->is_dead() || visit(*line);
    });
}

std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> out;
    each_living([&](const stat_line& process) {
        if (process.parent == parent) {
            out.push_back(process.pid);
        }
        return true;
    });
    return out;
}

bool holds_open(pid_t process, const std::filesystem::path& file) {
    wanted_file wanted{file.filename().native()};
    return ::stat(file.c_str(), &wanted.about) == 0 && holds(process, wanted);
}

std::vector<held_process> holders_of(const std::filesystem::path& file) {
    std::vector<held_process> out;
    wanted_file wanted{file.filename().native()};
    if (::stat(file.c_str(), &wanted.about) != 0) {
        return out;
    }
    each_number("/proc", most_processes, [&](int pid) {
        if (pid == ::getpid() || !holds(pid, wanted)) {
            return true;
        }
        unique_fd handle{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
        // Again, for what the pidfd holds: the first one may have ended and left its number.
        if (handle && holds(pid, wanted)) {
            out.push_back({pid, std::move(handle)});
        }
        return true;
    });
    return out;
}

} // namespace restpoint::process
