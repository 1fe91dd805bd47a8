// The signals that mean something to a shim, as a descriptor for its poll loop.
#pragma once

#include "base/unique_fd.hpp"

#include <poll.h>

namespace restpoint::process {

/// Holds TERM, INT, USR1 and CHLD. They and those that must not end us (HUP, PIPE, XFSZ …) are
/// blocked, not ignored: a child would inherit that. Empty, with errno, on failure.
[[nodiscard]] unique_fd open_signals();

/// The next signal that has come; 0 when there is none.
[[nodiscard]] int next_signal(int fd);

/// What poll(2) says, an end of file and a closed descriptor among it: a read will not wait.
[[nodiscard]] inline bool is_readable(const pollfd& fd) {
    return (fd.revents & (POLLIN | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

} // namespace restpoint::process
