// How a job is stopped: TERM to the group, wait until the tree is empty, KILL after the grace time.
// Pure.
#pragma once

#include <chrono>

namespace restpoint::process {

enum class stop_step {
    terminate, ///< send TERM now
    wait,      ///< nothing to send; look again when the tree ends or the time is up
    kill,      ///< send KILL now
    done       ///< no process is left
};

struct stop_state {
    bool tree_alive = true;
    bool term_sent = false;
    std::chrono::milliseconds since_term{0};
    std::chrono::milliseconds since_kill{-1}; ///< negative: not yet
};

/// The next step. KILL is repeated every second: a process in an uninterruptible sleep takes it
/// when it wakes.
[[nodiscard]] stop_step next_stop_step(const stop_state& now, std::chrono::milliseconds grace);

/// How long `wait` holds, provided that the tree lives: never negative, zero when the next step is
/// due.
[[nodiscard]] std::chrono::milliseconds time_to_next_step(
    const stop_state& now, std::chrono::milliseconds grace);

} // namespace restpoint::process
