// The keys that say how PostgreSQL is started and stopped.
#pragma once

#include "config/key.hpp"

#include <vector>

namespace restpoint::config {

[[nodiscard]] std::vector<key> control_keys();

} // namespace restpoint::config
