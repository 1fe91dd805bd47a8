// What starts a job: sent, and watched where that is wanted.
#pragma once

#include "client/command_line.hpp"
#include "client/exchange.hpp"
#include "client/exit_code.hpp"

namespace restpoint::client {

/// Sends what starts a job. Waits for its end, or prints the job's id at once.
exit_code start_job(const order& what, const door& to, http_request request);

} // namespace restpoint::client
