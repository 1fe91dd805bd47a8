// How PostgreSQL is started and stopped, as the configuration says.
#pragma once

#include "config/settings.hpp"
#include "postgres/control.hpp"

namespace restpoint {

[[nodiscard]] postgres::control_options control_options_of(const config::settings& settings);

} // namespace restpoint
