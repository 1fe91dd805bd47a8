// How large the segments of an archive are. A name does not say it, and counting with the wrong
// size finds gaps where there are none. Pure.
#pragma once

#include "backrest/archive_listing.hpp"
#include "backrest/info.hpp"
#include "backrest/wal_name.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace restpoint::backrest {

struct segment_size {
    enum class source {
        backups,    ///< only one size fits what info says of the backups
        postgresql, ///< PostgreSQL's wal_segment_size, which nothing here contradicts
        assumed     ///< PostgreSQL's default, or the next one that the names allow
    };
    wal_layout layout = {};
    source from = source::assumed;

    friend bool operator==(const segment_size&, const segment_size&) = default;
};

[[nodiscard]] std::string_view to_string(segment_size::source from);

/// What is known of the size, in this order:
///
/// 1. A backup's lsn.start lies in the segment that its archive.start names: from the second segment
///    of a log on, a single power of two fits both. This needs no running server, and stays right
///    for the archive of an older cluster that had another size.
/// 2. `told`: wal_segment_size of the running server, when the backups allow it and no name in the
///    archive has a segment that a log of this size has not.
/// 3. Else the default of 16 MB, or the largest size below it that the names allow; backups that
///    allow only larger ones win.
[[nodiscard]] segment_size learn_segment_size(
    const archive_listing& listing, std::span<const backup_info> backups,
    std::optional<std::uint64_t> told);

} // namespace restpoint::backrest
