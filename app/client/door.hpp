// Where the service is and who asks, out of an order and the environment.
#pragma once

#include "client/command_line.hpp"
#include "client/exchange.hpp"

namespace restpoint::client {

/// The value of an environment variable; empty without one.
[[nodiscard]] std::string variable(const char* name);

/// Reads the token, from its file or from RESTPOINT_TOKEN. Fails with `invalid`, or as a file does.
[[nodiscard]] result<door> door_of(const order& what);

} // namespace restpoint::client
