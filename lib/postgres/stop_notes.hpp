// Why a server does not stop: told from the titles of its processes (ps). Pure.
//
// A fast shutdown ends the sessions, writes a checkpoint, and then waits for the archiver, which
// pushes every segment that is ready, and for walsenders until their standbys have all WAL. An
// archive command that hangs, with a repo that does not answer say, holds all of it for minutes.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <span>
#include <string>
#include <string_view>

namespace restpoint::postgres {

/// What `titles`, the command lines of the processes below the postmaster, say about what it waits
/// for: a clause for a message, empty when they say nothing.
[[nodiscard]] std::string what_holds_a_stop(std::span<const std::string> titles);

/// Whether the archiver is among them: with a session or checkpoint under way it need not be what
/// holds the stop, but it is what can hold it for ever.
[[nodiscard]] bool waits_for_archiving(std::span<const std::string> titles);

/// The failure of a stop that took too long. `mode` is "fast" or "immediate".
[[nodiscard]] failure stop_took_too_long(
    std::string_view mode, std::chrono::milliseconds waited, std::span<const std::string> titles);

} // namespace restpoint::postgres
