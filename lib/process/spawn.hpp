// Starts a child: the launcher that Boost.Process v2 should have had (1.81 leaks our sockets into
// children, hangs when threads spawn, and lets a failed exec run our destructors). The child gets a
// session of its own, only the descriptors named, and a clean signal mask; a failed exec is
// reported with its step and errno, and reaped.
#pragma once

#include "base/result.hpp"

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace restpoint::process {

/// The child's descriptor `to` becomes a duplicate of ours, `from`.
struct descriptor {
    int from = -1;
    int to = -1;
};

enum class grouping {
    own_session, ///< setsid: out of reach of our terminal and of signals to our group
    own_group    ///< setpgid: a group of its own in our session (the shim's child)
};

struct spawn_request {
    std::vector<std::string> argv;        ///< argv[0] is looked up in PATH unless it holds a slash
    std::vector<std::string> environment; ///< "NAME=value"; the whole of it, nothing is inherited
    /// 0, 1 and 2 become /dev/null when not named; all others are closed.
    std::vector<descriptor> descriptors = {};
    grouping group = grouping::own_session;
    std::filesystem::path folder = "/"; ///< working directory
    int dies_with_parent = 0; ///< a signal to get when the spawning thread's process ends; 0: none
};

/// The child's pid. Fails with `not_found` when there is no such program, `io` otherwise; then
/// there is no child and no zombie.
[[nodiscard]] result<pid_t> spawn(const spawn_request& what);

} // namespace restpoint::process
