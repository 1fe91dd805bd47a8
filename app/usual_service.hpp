// Whom the client asks when nobody says whom.
#pragma once

#include "client/command_line.hpp"

namespace restpoint {

/// "unix:/PATH" and the stanza, where the configuration of this machine names a Unix socket that is
/// there and knows us: we are root, or the user whose socket it is. Empty elsewhere, also where the
/// configuration cannot be read.
[[nodiscard]] client::usual_service usual_service();

} // namespace restpoint
