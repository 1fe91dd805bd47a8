// `restpoint backup` and its like: asks a running service and shows what it says.
#pragma once

#include "client/command_line.hpp"

#include <span>
#include <string>
#include <string_view>

namespace restpoint::client {

/// Returns the exit code (exit_code.hpp). `arguments` are those behind the command; `usual_server`
/// is asked where neither they nor RESTPOINT_URL name one, and may be empty.
int run(verb what, std::span<const std::string> arguments, std::string_view usual_server);

} // namespace restpoint::client
