// Who may come in, from the configuration.
#pragma once

#include "api/door.hpp"
#include "config/settings.hpp"

namespace restpoint {

/// Callers without a token are operators where only this machine can reach the address, and nobody
/// elsewhere, unless auth.anonymous says what they are.
[[nodiscard]] api::door_options door_options_of(const config::settings& settings);

/// Says in the log what of it an operator may not have meant.
void report_door(const config::settings& settings, const api::door& door);

} // namespace restpoint
