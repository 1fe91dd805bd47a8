// `restpoint completion`: scripts for shells, and the words that they ask for.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace restpoint::client {

/// `arguments` are those behind "completion": "bash", "zsh", or "words LINE…", which the scripts
/// use. `service_flags` as in suggest(), `usual_server` as in run(). Returns the exit code.
int run_completion(
    std::span<const std::string> arguments, std::span<const std::string> service_flags,
    std::string_view usual_server);

} // namespace restpoint::client
