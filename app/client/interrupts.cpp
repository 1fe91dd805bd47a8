#include "client/interrupts.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/signalfd.h>

#include <csignal>

namespace restpoint::client {

interrupts::interrupts() {
    sigset_t these;
    sigemptyset(&these);
    sigaddset(&these, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &these, nullptr);
    fd_.reset(::signalfd(-1, &these, SFD_NONBLOCK | SFD_CLOEXEC));
}

void interrupts::take() {
    signalfd_siginfo one{};
    while (::read(fd_.get(), &one, sizeof one) > 0) {
    }
}

bool interrupts::wait(std::chrono::milliseconds patience) {
    pollfd waiting{fd_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) {
        return false;
    }
    take();
    return true;
}

} // namespace restpoint::client
