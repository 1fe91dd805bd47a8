// `restpoint config`: what holds, what there is, and whether it is right, without starting
// anything.
#pragma once

#include <span>
#include <string>

namespace restpoint {

/// check, show, table, example. Returns the exit code: 0 good, 1 problems in the configuration, 2 a
/// command line that is not understood.
int run_config(std::span<const std::string> arguments);

} // namespace restpoint
