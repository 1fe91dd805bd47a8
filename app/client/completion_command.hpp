// `restpoint completion`: scripts for shells, and the words that they ask for.
#pragma once

#include "client/command_line.hpp"

#include <span>
#include <string>

namespace restpoint::client {

/// `arguments` are those behind "completion": "bash", "zsh", or "words LINE…", which the scripts
/// use. `service_flags` as in suggest(), `usual` as in run(). Returns the exit code.
int run_completion(
    std::span<const std::string> arguments, std::span<const std::string> service_flags,
    const usual_service& usual);

} // namespace restpoint::client
