// `restpoint backup` and its like: asks a running service and shows what it says.
#pragma once

#include "client/command_line.hpp"

#include <span>
#include <string>

namespace restpoint::client {

/// Returns the exit code (exit_code.hpp). `arguments` are those behind the command; `usual` is
/// asked where neither they nor RESTPOINT_URL name a service.
int run(verb what, std::span<const std::string> arguments, const usual_service& usual);

} // namespace restpoint::client
