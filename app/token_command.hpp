// `restpoint token create|list|revoke`: edits the tokens file. A service that runs takes the file
// up within seconds; none needs to run.
#pragma once

#include <span>
#include <string>

namespace restpoint {

/// The exit code: 0, 1 for what failed, 2 for what was not understood.
[[nodiscard]] int run_token(std::span<const std::string> arguments);

} // namespace restpoint
