// Who is related to whom, and who holds which file open, as far as /proc tells us (proc(5)).
// Snapshots: a process may come or go while they are taken, so callers look again until nothing is
// left.
#pragma once

#include "base/unique_fd.hpp"
#include "process/stat_line.hpp"

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <vector>

namespace restpoint::process {

/// A process, and a pidfd of it that stays with that very process.
struct held_process {
    pid_t pid = 0;
    unique_fd handle = {};
};

/// Calls `visit` with every process there is, zombies left out, until it returns false.
void each_living(const std::function<bool(const stat_line&)>& visit);

/// The living direct children of `parent`; zombies are left out.
[[nodiscard]] std::vector<pid_t> children_of(pid_t parent);

/// The processes, ourselves left out, that have `file` open. Asks the descriptors' names first: a
/// stat() of everything that is open somewhere could wait for a dead file server.
[[nodiscard]] std::vector<held_process> holders_of(const std::filesystem::path& file);

/// Whether the process has `file` open. False when it is gone, and when we may not look.
[[nodiscard]] bool holds_open(pid_t process, const std::filesystem::path& file);

} // namespace restpoint::process
