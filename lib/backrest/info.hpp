// `pgbackrest info --output=json` as values. It exits 0 in nearly every state, so the status codes
// in here are what counts.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::backrest {

/// What pgBackRest says about a stanza or a repo. `unknown` is a code that no version we know has:
/// shown as such, never guessed.
enum class info_state {
    ok = 0,
    missing_stanza_path = 1,
    no_valid_backups = 2,
    missing_stanza_data = 3,
    different_across_repos = 4,
    database_mismatch = 5,
    backup_not_found = 6,
    other = 99,
    unknown = -1
};

[[nodiscard]] std::string_view to_string(info_state state);

struct info_status {
    info_state state = info_state::unknown;
    std::int64_t code = -1;
    std::string message = {};

    friend bool operator==(const info_status&, const info_status&) = default;
};

struct database_info {
    std::int64_t id = 0;
    std::int64_t repo = 0;
    std::uint64_t system_id = 0; ///< above 2^53: never a double, a string on our wires
    std::string version = {};
};

struct repo_info {
    std::int64_t key = 0;
    std::string cipher = {};
    info_status status = {};
};

struct archive_info {
    std::string id = {}; ///< "15-1"
    std::int64_t database_id = 0;
    std::int64_t repo = 0;
    std::optional<std::string> min = {}; ///< first WAL segment; says nothing about gaps
    /// The lexicographic last over all timelines: not how far one can recover.
    std::optional<std::string> max = {};
};

struct tablespace_info {
    std::uint64_t oid = 0;
    std::string name = {};
    std::string destination = {}; ///< its directory

    friend bool operator==(const tablespace_info&, const tablespace_info&) = default;
};

struct backup_info {
    std::string label = {};
    std::string type = {}; ///< full | diff | incr
    std::optional<std::string> prior = {};
    std::vector<std::string> references = {};
    std::int64_t start = 0; ///< seconds since 1970
    std::int64_t stop = 0;
    std::optional<std::string> wal_start = {};
    std::optional<std::string> wal_stop = {};
    std::optional<std::string> lsn_start = {};
    std::optional<std::string> lsn_stop = {};
    std::uint64_t size = 0;  ///< bytes of the database
    std::uint64_t delta = 0; ///< bytes read into this set
    /// Bytes in the repo with what it references; absent with block incremental.
    std::optional<std::uint64_t> repo_size = {};
    std::optional<std::uint64_t> repo_delta = {}; ///< bytes in the repo of this set alone
    std::optional<bool> page_error = {}; ///< a page checksum was wrong; absent when not looked for
    std::int64_t database_id = 0;
    std::int64_t repo = 0;
    std::string backrest_version = {};
    std::map<std::string, std::string> annotations = {};
    std::vector<tablespace_info> tablespaces = {}; ///< told only when asked for this set alone
};

struct stanza_info {
    std::string name = {};
    std::string cipher = {};
    info_status status = {};
    bool lock_held = false; ///< a backup, expire, stanza-* or annotate runs under this lock path
    /// Bytes the running backup will read; pgBackRest 2.48 and later.
    std::optional<std::uint64_t> running_size = {};
    std::optional<std::uint64_t> running_completed = {}; ///< of those, read so far
    std::vector<database_info> databases = {};
    std::vector<repo_info> repos = {};
    std::vector<archive_info> archives = {};
    std::vector<backup_info> backups = {};
};

/// Fails with `invalid` on what is not info's JSON; the detail names the place. Unknown keys are
/// passed over, missing optional ones stay empty. Text that is not UTF-8 or has control characters
/// gets '?' in their places. Never throws.
[[nodiscard]] result<std::vector<stanza_info>> parse_info(std::string_view text);

} // namespace restpoint::backrest
