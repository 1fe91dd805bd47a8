#include "process/identity.hpp"

#include "base/file.hpp"
#include "process/stat_line.hpp"

#include <sys/syscall.h>
#include <unistd.h>

namespace restpoint::process {

const std::string& boot_id() {
    static const std::string id = [] {
        auto text = read_file("/proc/sys/kernel/random/boot_id", 4096);
        auto value = text ? std::move(*text) : std::string{};
        value.erase(value.find_last_not_of(" \n") + 1);
        return value;
    }();
    return id;
}

std::optional<identity> identify(pid_t pid) {
    if (pid <= 0) {
        return {};
    }
    const auto line = read_stat_line(pid);
    if (!line || line->is_dead()) {
        return {};
    }
    return identity{pid, line->start_ticks, boot_id()};
}

std::optional<unique_fd> watch(const identity& who) {
    if (who.pid <= 0) {
        return {};
    }
    // By number: glibc knows pidfd_open() from 2.36 on only. The descriptor is born CLOEXEC.
    unique_fd fd{static_cast<int>(::syscall(SYS_pidfd_open, who.pid, 0))};
    // Afterwards, not before: what the descriptor holds now cannot change any more.
    if (!fd || identify(who.pid) != who) {
        return {};
    }
    return fd;
}

} // namespace restpoint::process
