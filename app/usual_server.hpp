// Where the client asks when nobody says where.
#pragma once

#include <string>

namespace restpoint {

/// "unix:/PATH" where the configuration of this machine names a Unix socket that is there and knows
/// us: we are root, or the user whose socket it is. Empty elsewhere, also where the configuration
/// cannot be read.
[[nodiscard]] std::string usual_server();

} // namespace restpoint
