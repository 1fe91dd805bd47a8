// Runs a short command to its end and keeps what it wrote: `pgbackrest info`, `version`. For
// anything long there are jobs.
#pragma once

#include "base/result.hpp"
#include "process/spawn.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace restpoint::process {

struct captured {
    std::optional<int> exit_code = {}; ///< set when it exited
    std::optional<int> signal = {};    ///< set when a signal ended it
    std::string out = {};
    std::string err = {};
};

struct capture_limits {
    std::chrono::milliseconds deadline{30000};
    std::chrono::milliseconds grace{
        1000}; ///< between TERM and KILL once the deadline has passed or the caller cancelled
    std::size_t output_bytes = 64U << 20U; ///< more stops the command and fails
};

/// Fails with `not_found` (no such program), `timed_out`, `invalid` (too much output) or `io`.
/// However it ends, no process of the command's group is left: after the leader's own end what
/// still holds its output gets `grace` to end, then the ladder; what holds none of it is killed. A
/// leader that even KILL does not end (it hangs in the kernel) is given up as `timed_out`.
/// `what.descriptors` must not name 1 and 2. Cancellation (terminal or total) stops the command and
/// throws operation_aborted.
[[nodiscard]] boost::asio::awaitable<result<captured>> capture(
    spawn_request what, capture_limits limits);

} // namespace restpoint::process
