#include "process/signal_descriptor.hpp"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace restpoint::process {

unique_fd open_signals(std::initializer_list<int> held, std::initializer_list<int> others) {
    sigset_t ours;
    ::sigemptyset(&ours);
    for (const int signal : held) {
        // Ignored by whoever started us, SIGCHLD would take away our children's exit codes.
        std::signal(signal, SIG_DFL);
        ::sigaddset(&ours, signal);
    }
    auto blocked = ours;
    for (const int signal : others) {
        ::sigaddset(&blocked, signal);
    }
    ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
    return unique_fd{::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK)};
}

int next_signal(int fd) {
    signalfd_siginfo info{};
    ssize_t n = -1;
    do {
        n = ::read(fd, &info, sizeof info);
    } while (n < 0 && errno == EINTR);
    return n == static_cast<ssize_t>(sizeof info) ? static_cast<int>(info.ssi_signo) : 0;
}

} // namespace restpoint::process
