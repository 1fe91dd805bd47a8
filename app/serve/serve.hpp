// `restpoint serve`: the service from the first listening socket to the last open file.
#pragma once

#include "serve/reload.hpp"

namespace restpoint {

/// Runs the service by what `read` gives, until it is told to stop, and returns the program's exit
/// code: 2 when another start cannot help.
int serve(const read_configuration& read);

} // namespace restpoint
