// Signals as a descriptor, for the poll loops of shims and agents.
#pragma once

#include "base/unique_fd.hpp"

#include <poll.h>

#include <initializer_list>

namespace restpoint::process {

/// Holds `held`. They and `others`, which must not end us, are blocked, not ignored: a child would
/// inherit that. Empty, with errno, on failure.
[[nodiscard]] unique_fd open_signals(
    std::initializer_list<int> held, std::initializer_list<int> others);

/// The next signal that has come; 0 when there is none.
[[nodiscard]] int next_signal(int fd);

/// What poll(2) says, an end of file and a closed descriptor among it: a read will not wait.
[[nodiscard]] inline bool is_readable(const pollfd& fd) {
    return (fd.revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

} // namespace restpoint::process
