// `restpoint config`: what holds, what there is, and whether it is right, without starting
// anything.
#pragma once

#include "config/load.hpp"

#include <span>
#include <string>

namespace restpoint {

/// check, show, table, example. Returns the exit code: 0 good, 1 problems in the configuration, 2 a
/// command line that is not understood.
int run_config(std::span<const std::string> arguments);

/// The configuration of this process from `flags`, its environment and the file.
[[nodiscard]] config::loaded load_configuration(std::span<const std::string> flags);

/// Writes every problem to standard error and returns the exit code they mean: 1, or 2 when a flag
/// was not understood.
int report_problems(const config::loaded& what);

} // namespace restpoint
