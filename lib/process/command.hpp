// Runs a command and waits for it, blocking: for children of restpoint that do one thing after the
// other. Never for the event loop, which has capture.hpp.
//
// What the command leaves behind on purpose, a server in a session of its own or in the background,
// is not touched: only the command itself is waited for and, past its deadline, ended.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "process/child.hpp"
#include "process/spawn.hpp"

#include <sys/types.h>

#include <chrono>
#include <string>

namespace restpoint::process {

struct command_end {
    child_end how = {};
    bool timed_out = false;  ///< it was ended because its deadline had passed
    std::string output = {}; ///< both streams in their order, the last 16 KiB
};

/// A command at work. Its finish() must be called.
struct command {
    pid_t pid = 0;
    unique_fd output = {};
};

/// Fails as spawn() does. `what.descriptors` must not name 1 and 2.
[[nodiscard]] result<command> begin_command(spawn_request what);

/// Returns when the command has ended. Past the deadline its group gets TERM, and the command alone
/// KILL some seconds later: its group may hold a server by then, which KILL must not hit.
[[nodiscard]] command_end finish_command(
    command running, std::chrono::steady_clock::time_point deadline);

[[nodiscard]] result<command_end> run_command(
    spawn_request what, std::chrono::steady_clock::time_point deadline);

} // namespace restpoint::process
