// What the archive of one cluster can bring back: per timeline from where to where, and which
// segments are missing in between. Pure; finds what pgBackRest's own info, check and verify do not
// look for.
//
// A timeline is walked along its ancestry: the segments of each ancestor up to the switch, its own
// from there on. The segment with the switch in it belongs to the child, whose first file repeats
// what the parent wrote into it; what the parent has from there on belongs to a branch that was
// left.
#pragma once

#include "backrest/archive_listing.hpp"
#include "backrest/info.hpp"
#include "backrest/segment_size.hpp"
#include "backrest/timeline_history.hpp"
#include "backrest/wal_name.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace restpoint::backrest {

/// A backup that was made online, as the walk needs it.
struct base_backup {
    std::string label = {};
    segment_name wal_start = {}; ///< recovery begins here,
    segment_name wal_stop = {};  ///< and cannot end before the end of this one
    lsn stop = 0;                ///< the first position it is consistent at
    std::int64_t stop_time = 0;  ///< seconds since 1970
};

/// Those of `all` that were made online; others need no WAL, and no WAL can be played onto them.
[[nodiscard]] std::vector<base_backup> base_backups(std::span<const backup_info> all);

/// Segments in a row that are not in the repo.
struct wal_gap {
    segment_name first_missing = {};
    segment_name last_missing = {};
    std::uint64_t count = 0;
    std::optional<segment_name> after = {};  ///< the one in front; none: the oldest backup's first
    std::optional<segment_name> before = {}; ///< the one behind; none: the newest backup's last
    std::int64_t before_time = 0; ///< when that came into the repo, seconds since 1970; 0: unknown

    friend bool operator==(const wal_gap&, const wal_gap&) = default;
};

/// Every moment of it can be restored to: from a backup through WAL without a gap.
struct wal_stretch {
    std::string backup = {}; ///< the oldest one it can be restored from
    std::int64_t from = 0;   ///< seconds since 1970: this backup's end
    std::int64_t to = 0;     ///< when the last segment came into the repo: a little after its end
    lsn from_lsn = 0;
    lsn to_lsn = 0; ///< the end of the last segment
    segment_name from_wal = {};
    segment_name to_wal = {};
    std::vector<std::string> backups = {}; ///< all it can be restored from, as they began

    friend bool operator==(const wal_stretch&, const wal_stretch&) = default;
};

/// A timeline's part of the way to another one: from the segment with this number on.
struct wal_leg {
    std::uint32_t timeline = 0;
    std::uint64_t begin = 0;

    friend bool operator==(const wal_leg&, const wal_leg&) = default;
};

struct timeline_window {
    std::uint32_t timeline = 0;
    std::optional<std::uint32_t> parent = {};
    std::vector<wal_leg> way = {}; ///< from the first timeline to this one
    bool ancestry_known = true;    ///< else older backups may lead here, and nobody knows

    /// From the oldest backup that leads here to the newest segment, gaps or not. Absent: no backup
    /// leads here, or there is no segment.
    std::optional<segment_name> from_wal = {};
    std::optional<segment_name> to_wal = {};
    std::int64_t from = 0; ///< that backup's end, seconds since 1970; 0 without a backup
    std::int64_t to = 0;   ///< when the newest segment came into the repo; 0 without one
    lsn from_lsn = 0;
    lsn to_lsn = 0;

    std::vector<wal_gap> gaps = {};  ///< the first ones in detail, see window_limits
    std::uint64_t gap_count = 0;     ///< all
    std::uint64_t missing_count = 0; ///< segments in them
    std::vector<wal_stretch> restorable = {};
    /// Labels of backups that lack a segment they need to become consistent.
    std::vector<std::string> incomplete = {};
};

struct window_limits {
    std::size_t timelines = 64; ///< the newest ones
    std::size_t gaps = 1000;    ///< of a timeline, in detail
};

struct archive_window {
    segment_size size = {};
    std::vector<timeline_window> timelines = {}; ///< ascending
    std::vector<segment_name> duplicates = {};
    std::vector<segment_name> empty = {};
    std::uint64_t bytes = 0;   ///< of the segments' files, as they lie in the repo
    std::uint64_t misfits = 0; ///< names that no cluster with this segment size has
};

/// Walks every timeline. `histories` are those that could be read; `size` as learned of the same
/// listing.
[[nodiscard]] archive_window find_window(
    const archive_listing& listing, const timeline_histories& histories,
    std::span<const base_backup> backups, segment_size size, window_limits limits = {});

/// The timelines that find_window() will walk.
[[nodiscard]] std::vector<std::uint32_t> walked_timelines(
    const archive_listing& listing, std::span<const base_backup> backups,
    window_limits limits = {});

} // namespace restpoint::backrest
