// `restpoint restore`, `undo` and `forget`: shows what would be done, lets it be confirmed, and
// watches it.
#pragma once

#include "client/command_line.hpp"
#include "client/exchange.hpp"
#include "client/exit_code.hpp"

namespace restpoint::client {

/// Plans, and unless only that is wanted restores: `failed` for a plan that is refused.
exit_code restore(const order& what, const door& to);

/// Undoes the restore of a job, or gives up what undo needs.
exit_code after_restore(const order& what, const door& to);

} // namespace restpoint::client
