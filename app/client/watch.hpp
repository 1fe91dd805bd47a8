// A job watched by a person or a script, until it ends or they go.
#pragma once

#include "client/command_line.hpp"
#include "client/exchange.hpp"
#include "client/exit_code.hpp"
#include "client/values.hpp"

namespace restpoint::client {

/// Tells on standard error what happens, and the outcome at the end. On a terminal a second Ctrl-C
/// asks whether the job is to be cancelled.
exit_code wait_for_end(const order& what, const door& to, const job& started);

/// Waits for a job that was told to end: `good` when it has become cancelled.
exit_code wait_for_cancel(const order& what, const door& to);

/// The log on standard output as it is written; the outcome on standard error.
exit_code follow_log(const order& what, const door& to);

} // namespace restpoint::client
