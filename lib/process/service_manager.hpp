// What the service manager that started us wants to hear, in the protocol of sd_notify(3): words in
// datagrams to the socket that NOTIFY_SOCKET names. Spoken here, since libsystemd would load seven
// libraries for it and may wait on the socket for as long as it likes. Nobody who listens: silence.
#pragma once

#include "base/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>

namespace restpoint::process {

struct supervision {
    std::string socket = {};              ///< a path, or '@' and an abstract name; empty: none
    std::chrono::microseconds watchdog{}; ///< silence for so long and we are killed; zero: never
};

/// What the variables NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID ask of the process `self`; null
/// where one is not set. What makes no sense is not asked.
[[nodiscard]] supervision read_supervision(
    const char* socket, const char* watchdog_usec, const char* watchdog_pid, pid_t self);

/// The same, of this process.
[[nodiscard]] supervision own_supervision();

class service_manager {
  public:
    explicit service_manager(supervision asked);

    [[nodiscard]] bool listens() const { return !asked_.socket.empty(); }
    /// How often it wants to hear from us: half of what makes it lose patience, and often enough
    /// for a status that people look at.
    [[nodiscard]] std::chrono::microseconds pace() const;

    /// These wait for up to a second where the socket is full: they are not to be lost.
    void ready(std::string_view status);
    void reloading();
    /// `within` is what the end may take from now, whatever the unit says.
    void stopping(std::string_view status, std::chrono::microseconds within);

    /// The event loop turns: said where that is awaited or the status is another. Where the socket
    /// is full the word is dropped.
    void alive(std::string_view status);

  private:
    void tell(const std::string& words, int flags);

    supervision asked_;
    std::string said_;
    bool complained_ = false;
};

} // namespace restpoint::process
