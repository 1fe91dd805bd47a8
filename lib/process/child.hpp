// How a child of ours ended, and that none stays a zombie. In one place, because who reaps decides
// how long a pid, and the number of its process group, stays its own.
#pragma once

#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <optional>

namespace restpoint::process {

struct child_end {
    std::optional<int> exit_code = {}; ///< set when it exited
    std::optional<int> signal = {};    ///< set when a signal ended it
};

/// A pidfd of a child of ours that is not reaped yet, readable when it ends; none when the system
/// has no descriptor left.
[[nodiscard]] std::optional<unique_fd> watch_child(pid_t child);

/// Whether the process of a pidfd has ended. To be asked whenever a wait on one returns: Asio
/// completes such waits too early when it reuses the bookkeeping of a descriptor closed while an
/// event of it was queued.
[[nodiscard]] bool has_ended(int pidfd);

/// Reaps `child` if it has ended; none while it runs. Both fields are none when somebody else
/// reaped it. Until this call its pid, and the group it leads, cannot be another's.
[[nodiscard]] std::optional<child_end> reap(pid_t child);

/// Whether a process of the group lives, zombies not counted: an orphan's body may lie about for as
/// long as its new parent does not care. Never a reason to signal: the number may be another's.
[[nodiscard]] bool group_is_alive(pid_t group);

/// Gives up a child that is to live on: it is reaped by a reap_left_children() after its end.
void leave_child(pid_t child);

/// Reaps the children given up that have ended by now. Whoever starts a child calls it, so no more
/// zombies gather than there were children left alive at that time.
void reap_left_children();

} // namespace restpoint::process
