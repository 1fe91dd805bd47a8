// `restpoint job-exec`: the shim as a subcommand. Internal: started by restpoint, never by people,
// so its arguments have one order and no configuration is read.
#pragma once

#include <span>
#include <string>

namespace restpoint {

/// Runs `--folder F --id ID --detail-cap BYTES --orphan-grace SECONDS -- argv…` and returns the
/// shim's exit code; 2 when the arguments are not exactly these.
int run_job_exec(std::span<const std::string> arguments);

} // namespace restpoint
