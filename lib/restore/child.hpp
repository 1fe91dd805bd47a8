// A child of a restore, run to its end: pgbackrest, a tool of PostgreSQL. Blocking; a request to stop
// (TERM) is passed on to it.
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace restpoint::restore {

/// Set by TERM and INT from when catch_stop() was called: "end now, and leave the rest to the next
/// one".
[[nodiscard]] bool stop_is_wanted();
void catch_stop();

/// Sleeps a moment; false when a stop is wanted.
bool wait_a_moment(int milliseconds);

enum class output {
    shown, ///< goes where ours goes
    kept   ///< standard output is returned, standard error shown
};

struct child_result {
    std::optional<int> exit_code = {}; ///< none: a signal ended it
    std::string out = {};

    [[nodiscard]] bool good() const { return exit_code == 0; }
};

/// Fails as process::spawn() does. A child that is told to stop is waited for.
[[nodiscard]] result<child_result> run_child(
    std::vector<std::string> argv, const std::vector<std::string>& environment, output how);

} // namespace restpoint::restore
