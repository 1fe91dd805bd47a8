// `restpoint restore-exec`: the child of a job that restores, undoes or forgets. Internal.
#pragma once

#include <span>
#include <string>

namespace restpoint {

/// ORDER [--turn-back] -- FLAG...: carries out the order that stands in a file, by the configuration
/// that these flags of the service read, and writes ORDER.report when it ends. Returns a
/// restore::ending, or 2 when it cannot begin.
int run_restore_exec(std::span<const std::string> arguments);

} // namespace restpoint
