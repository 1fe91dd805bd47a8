// `restpoint postgres-exec`: the child of a job that starts or stops PostgreSQL. Internal.
#pragma once

#include <span>
#include <string>

namespace restpoint {

/// ORDER -- FLAG...: carries out the order that stands in a file, by the configuration that these
/// flags of the service read, and writes ORDER.report when it ends. Returns 0 when it is done, 1
/// when not, 2 when it cannot begin.
int run_postgres_exec(std::span<const std::string> arguments);

} // namespace restpoint
