// `restpoint agent`: PID 1 of PostgreSQL's container.
#pragma once

#include <span>
#include <string>

namespace restpoint {

/// Takes `--socket PATH [--term smart|fast|immediate] -- COMMAND…` and returns the exit code: 2 when
/// the arguments are wrong.
int run_agent_command(std::span<const std::string> arguments);

} // namespace restpoint
