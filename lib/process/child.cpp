#include "process/child.hpp"

#include "process/process_list.hpp"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <vector>

namespace restpoint::process {

namespace {

std::vector<pid_t>& left_children() {
    static std::vector<pid_t> children;
    return children;
}

} // namespace

std::optional<unique_fd> watch_child(pid_t child) {
    unique_fd fd{static_cast<int>(::syscall(SYS_pidfd_open, child, 0))};
    if (!fd) {
        return {};
    }
    return fd;
}

bool has_ended(int pidfd) {
    pollfd about{pidfd, POLLIN, 0};
    return ::poll(&about, 1, 0) == 1 && (about.revents & POLLIN) != 0;
}

std::optional<child_end> reap(pid_t child) {
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG) != 0) {
        if (errno != EINTR) {
            return child_end{};
        }
    }
    if (info.si_pid != child) {
        return {};
    }
    if (info.si_code == CLD_EXITED) {
        return child_end{.exit_code = info.si_status};
    }
    return child_end{.signal = info.si_status};
}

bool group_is_alive(pid_t group) {
    if (::kill(-group, 0) != 0 && errno == ESRCH) {
        return false; // the ordinary answer, and it costs one call
    }
    bool alive = false;
    each_living([&](const stat_line& process) {
        alive = process.group == group;
        return !alive;
    });
    return alive;
}

void leave_child(pid_t child) {
    if (!reap(child)) {
        left_children().push_back(child);
    }
}

void reap_left_children() {
    std::erase_if(left_children(), [](pid_t child) { return reap(child).has_value(); });
}

} // namespace restpoint::process
