#include "process/child.hpp"

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
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

void leave_child(pid_t child) {
    if (!reap(child)) {
        left_children().push_back(child);
    }
}

void reap_left_children() {
    std::erase_if(left_children(), [](pid_t child) { return reap(child).has_value(); });
}

} // namespace restpoint::process
