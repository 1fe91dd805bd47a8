// Which missing WAL is a gap, and which is only on its way. Pure.
//
// Segments come into a repo out of order: with archive-async several are sent at a time, and the
// slowest of them is not the youngest. PostgreSQL itself goes in order, and says how far it is: what
// its archive command has not confirmed yet, it keeps.
//
//     the segment that is missing                                            is
//     PostgreSQL was told that it, or one behind it, is archived, and we
//     listed the archive after that                                          a gap
//     else: nothing behind it is in the repo, but a backup needs it          a gap
//     else: one behind it is in the repo for longer than `on_its_way`        a gap
//     else                                                                   on its way
#pragma once

#include "api/stanza_state.hpp"
#include "backrest/wal_window.hpp"

#include <chrono>
#include <vector>

namespace restpoint::api {

/// How long what comes later may have been in the repo: pgBackRest gives a segment a minute
/// (archive-timeout), and the clocks of repo and server may differ by about as much.
inline constexpr std::chrono::seconds on_its_way{120};

/// The gaps of all timelines; one before a switch is the parent's and each child's, and stands here
/// once.
[[nodiscard]] std::vector<backrest::wal_gap> gaps_of(const backrest::archive_window& window);

/// Those of them that are no segments on their way.
[[nodiscard]] std::vector<backrest::wal_gap> lasting_gaps(
    const backrest::archive_window& window, const stanza_findings& found);

} // namespace restpoint::api
