// `restpoint schedule`: what the schedules come to, without starting anything.
#pragma once

#include <span>
#include <string>

namespace restpoint {

/// show. Returns the exit code: 0 good, 2 a configuration or a command line that is wrong.
int run_schedule(std::span<const std::string> arguments);

} // namespace restpoint
