// What can be restored, as the service answers it, and in words. Pure.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::client {

/// WAL segments in a row that are not in the repo.
struct missing_wal {
    std::string first = {};
    std::string last = {};
    std::optional<std::uint64_t> segments = {};
};

/// Every moment of it can be restored to. Times as they came: RFC 3339.
struct restorable_stretch {
    std::string backup = {}; ///< the oldest one that it can be restored from
    std::string from = {};
    std::string to = {};
};

struct timeline {
    std::optional<std::uint64_t> number = {};
    std::optional<std::uint64_t> repo = {};
    std::string archive = {};
    std::string from = {}; ///< empty: no backup leads here
    std::string to = {};
    std::string from_wal = {};
    std::string to_wal = {};
    std::vector<missing_wal> gaps = {}; ///< the first ones; gap_count is all
    std::uint64_t gap_count = 0;
    std::uint64_t missing_segments = 0;
    std::vector<restorable_stretch> restorable = {};
    std::vector<std::string> incomplete_backups = {};
};

/// An archive that could not be looked at.
struct unseen_archive {
    std::optional<std::uint64_t> repo = {};
    std::string why = {};
};

struct restore_window {
    std::vector<timeline> timelines = {};
    std::vector<unseen_archive> unseen = {};
    std::string taken = {};
    bool stale = false; ///< it could not be looked at anew
};

/// Fails with `io` on what is no window.
[[nodiscard]] result<restore_window> parse_window(std::string_view json);

/// Whether there is something to restore and nothing is missing: no gap, no backup that lacks WAL,
/// no archive that was not seen.
[[nodiscard]] bool is_whole(const restore_window& what);

/// Each timeline with what is missing and what can be restored, and one sentence on the whole.
[[nodiscard]] std::string window_words(const restore_window& what, std::string_view stanza);

} // namespace restpoint::client
