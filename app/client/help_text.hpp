// `restpoint --help`, made from the table of commands. Pure.
#pragma once

#include "client/command_line.hpp"

#include <string>
#include <string_view>

namespace restpoint::client {

/// Every command, the flags of those that ask a service, and their exit codes.
[[nodiscard]] std::string help_text();

/// One command of those that ask a service, with all of its flags.
[[nodiscard]] std::string help_text(verb what);

/// What to say to `word`, which is no command: one that is near, or where they are listed.
[[nodiscard]] std::string command_hint(std::string_view word);

} // namespace restpoint::client
