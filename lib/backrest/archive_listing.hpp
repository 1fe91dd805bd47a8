// What lies in a repo's archive: the answer of `repo-ls archive/STANZA/ID --recurse --output=json`
// as values. Reads; what is missing there is for wal_window.hpp to say.
#pragma once

#include "backrest/wal_name.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace restpoint::backrest {

struct archived_segment {
    segment_name name = {};
    std::int64_t time = 0; ///< when it came into the repo, seconds since 1970

    friend bool operator==(const archived_segment&, const archived_segment&) = default;
};

/// An "00000002.history". Time and size tell whether it is the one that was read before.
struct archived_history {
    std::uint32_t timeline = 0;
    std::int64_t time = 0;
    std::uint64_t size = 0;

    friend bool operator==(const archived_history&, const archived_history&) = default;
};

/// Everything sorted, each name once.
struct archive_listing {
    std::vector<archived_segment> segments = {};
    /// Of these, the ones that more than one file has: archive-get refuses to choose.
    std::vector<segment_name> duplicates = {};
    /// Files that should be segments and hold not a byte. Not among `segments`.
    std::vector<segment_name> empty = {};
    std::vector<archived_history> histories = {};
    std::uint64_t bytes = 0; ///< of all files with a segment in them, duplicates included
};

/// Keys are "TTTTTTTTLLLLLLLL/NAME-SHA1.EXT"; a segment counts where archive-get looks for it: in
/// the folder of its name's first 16 digits, with its checksum and at most one ending. What else
/// lies there (.backup, .partial, what a broken copy left) is passed over. An archive that does not
/// exist lists as empty: pgBackRest does not tell one from the other. Takes memory for the segments
/// only, whatever the text holds. Fails with `invalid` on what is not such a list.
[[nodiscard]] result<archive_listing> parse_archive_listing(std::string_view json);

} // namespace restpoint::backrest
