#include "process/job_files.hpp"

#include "base/file.hpp"
#include "base/unique_fd.hpp"
#include "process/process_list.hpp"

#include <boost/json.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <set>

namespace restpoint::process {

namespace {

constexpr std::size_t lock_limit = 4096;
constexpr std::size_t report_limit = 65536;

std::optional<identity> parse_identity(std::string_view text) {
    namespace json = boost::json;
    boost::system::error_code error;
    const auto parsed = json::parse(text, error);
    const auto* const object = error ? nullptr : parsed.if_object();
    if (object == nullptr) {
        return {};
    }
    const auto* const pid = object->if_contains("pid");
    const auto* const ticks = object->if_contains("start_ticks");
    const auto* const boot = object->if_contains("boot_id");
    if (pid == nullptr || ticks == nullptr || boot == nullptr || !boot->is_string()) {
        return {};
    }
    identity who;
    who.pid = pid->to_number<pid_t>(error);
    if (error) {
        return {};
    }
    who.start_ticks = ticks->to_number<std::uint64_t>(error);
    if (error) {
        return {};
    }
    who.boot_id = std::string(boot->get_string());
    return who;
}

} // namespace

job_files files_of(const std::filesystem::path& jobs_folder, std::string_view id) {
    const auto file = [&](std::string_view ending) {
        return jobs_folder / (std::string(id) + std::string(ending));
    };
    return {file(".log"), file(".exit"), file(".lock")};
}

bool tree_is_alive(const job_files& files) {
    const unique_fd fd{::open(files.lock.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!fd) {
        // Whatever else is in the way, out of descriptors say, is no proof that nobody is left.
        return errno != ENOENT && errno != ENOTDIR;
    }
    int locked = -1;
    do {
        locked = ::flock(fd.get(), LOCK_SH | LOCK_NB);
    } while (locked != 0 && errno == EINTR);
    return locked != 0;
}

std::optional<identity> child_of(const job_files& files) {
    const auto content = read_file(files.lock, lock_limit);
    if (!content) {
        return {};
    }
    auto named = parse_identity(*content);
    if (!named || identify(named->pid) != named) {
        return {};
    }
    return named;
}

int signal_tree(const job_files& files, int signal) {
    const auto holders = holders_of(files.lock);
    std::set<pid_t> groups;
    for (const auto& holder : holders) {
        groups.insert(::getpgid(holder.pid));
    }
    groups.erase(::getpgrp());
    for (const auto group : groups) {
        if (group > 1) {
            ::kill(-group, signal);
        }
    }
    int signalled = 0;
    for (const auto& holder : holders) {
        // Whom the group's signal has ended already counts as well: it is a zombie, or gone.
        const auto sent = ::syscall(SYS_pidfd_send_signal, holder.handle.get(), signal, nullptr, 0);
        signalled += sent == 0 || errno == ESRCH ? 1 : 0;
    }
    return signalled;
}

result<std::optional<exit_report>> read_exit_report(const job_files& files) {
    const auto content = read_file(files.exit, report_limit);
    if (!content) {
        if (content.error().code == errc::not_found) {
            return std::optional<exit_report>{};
        }
        return content.error();
    }
    const auto report = parse_exit_report(*content);
    if (!report) {
        return report.error();
    }
    return std::optional<exit_report>{*report};
}

} // namespace restpoint::process
