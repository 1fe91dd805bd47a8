// What scripts can rely on: the exit codes of the client. Documented in README and in --help.
#pragma once

#include <string_view>

namespace restpoint::client {

enum class exit_code : int {
    good = 0,
    failed = 1, ///< the job failed, or did not become what was asked for
    misused = 2,
    refused = 3, ///< the service answered, and said no
    unreachable = 4,
    stopped = 5, ///< the job was cancelled or interrupted
    left = 130   ///< Ctrl-C: the job goes on
};

/// What the outcome of a job means for who waited for it. A state that is not final, and one that
/// this version does not know, counts as failed.
[[nodiscard]] exit_code exit_code_of(std::string_view job_state);

} // namespace restpoint::client
