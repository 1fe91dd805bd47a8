// Segments in a row as pairs of numbers: an archive of 100,000 segments without a gap is one run, so
// what walks timelines walks few things. Pure.
#pragma once

#include "backrest/archive_listing.hpp"
#include "backrest/wal_name.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace restpoint::backrest {

/// From the first to the last segment, both included.
struct wal_run {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    friend bool operator==(const wal_run&, const wal_run&) = default;
};

/// Ascending, none touching the next.
using wal_runs = std::vector<wal_run>;

struct archive_runs {
    std::map<std::uint32_t, wal_runs> of_timeline = {};
    std::uint64_t misfits = 0; ///< names that no cluster with this segment size has
};

/// `segments` sorted, each name once.
[[nodiscard]] archive_runs find_runs(
    std::span<const archived_segment> segments, const wal_layout& layout);

/// Adds what of `from` lies in [`first`, `last`] to `to`, which ends before `first`.
void append_within(wal_runs& to, const wal_runs& from, std::uint64_t first, std::uint64_t last);

/// What of [`first`, `last`] no run covers. `runs` lie within.
[[nodiscard]] wal_runs complement(const wal_runs& runs, std::uint64_t first, std::uint64_t last);

/// The run that has all of [`first`, `last`]; the end of `runs` when none has.
[[nodiscard]] wal_runs::const_iterator covering(
    const wal_runs& runs, std::uint64_t first, std::uint64_t last);

} // namespace restpoint::backrest
