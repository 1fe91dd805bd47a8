// What went wrong, on standard error, and the exit code for it.
#pragma once

#include "base/result.hpp"
#include "client/exchange.hpp"
#include "client/exit_code.hpp"

#include <string_view>

namespace restpoint::client {

void print_failure(const failure& why);

/// There was no answer that could be understood.
exit_code report_failure(const failure& why);

/// The service answered to `what`, and said no.
exit_code report_refusal(const answer& said, verb what);

/// An answer as it came, on standard output.
void print_json(std::string_view body);

} // namespace restpoint::client
