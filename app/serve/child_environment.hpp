// The environment that pgBackRest gets: ours, without what would change what we asked for, with
// what the configuration adds.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace restpoint {

/// `ours` as in environ(7), "NAME=value". Left out: our own RESTPOINT_* and NOTIFY_SOCKET, and
/// pgBackRest's variables for what every command line of ours states itself (stanza, configuration,
/// log levels).
[[nodiscard]] std::vector<std::string> child_environment(
    const char* const* ours, const std::map<std::string, std::string>& added);

} // namespace restpoint
