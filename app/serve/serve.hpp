// `restpoint serve`: the service from the first listening socket to the last open file.
#pragma once

#include "config/settings.hpp"

namespace restpoint {

/// Runs the service until it is told to stop and returns the program's exit code.
int serve(const config::settings& settings);

} // namespace restpoint
