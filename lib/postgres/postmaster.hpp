// The server process of a data directory: found, signalled, waited for. Blocking, for children of
// restpoint; only for servers in the same pid namespace.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "postgres/control.hpp"
#include "postgres/postmaster_file.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::postgres {

struct postmaster {
    postmaster_file file = {};
    unique_fd handle = {}; ///< a pidfd, readable when it has ended
};

/// The server that runs on `data_dir`: what its postmaster.pid names, provided that this is a
/// process that works in that directory. None when there is none, or only a file that was left.
[[nodiscard]] std::optional<postmaster> find_postmaster(const std::filesystem::path& data_dir);

/// running for "ready" and "standby", and while it stops; starting before.
[[nodiscard]] run_state state_of(const postmaster_file& server);

/// The command lines of the processes below `server`, of what they run as well (an archive
/// command): for what_holds_a_stop().
[[nodiscard]] std::vector<std::string> titles_below(pid_t server);

/// Sends the signal of `mode`.
[[nodiscard]] result<> tell_to_stop(const postmaster& server, stop_mode mode);

/// Waits until the postmaster has ended, which is when all of its processes have. Past the deadline
/// it fails with `timed_out`, and with what it still waits for.
[[nodiscard]] result<> wait_for_stop(
    const postmaster& server, stop_mode mode, deadline_time deadline);

} // namespace restpoint::postgres
