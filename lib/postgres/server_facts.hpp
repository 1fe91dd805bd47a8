// What a server says of itself: the questions, and their answers as values. Pure; probe.hpp asks.
#pragma once

#include "base/time_text.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace restpoint::postgres {

/// Where the server stands in its write-ahead log, and how its archiving goes.
struct wal_facts {
    bool in_recovery = false;
    std::uint64_t position = 0;      ///< written, or replayed in recovery; bytes
    std::uint32_t timeline = 0;      ///< that is written; 0 in recovery
    std::uint64_t segment_bytes = 0; ///< wal_segment_size
    /// pg_stat_archiver: the newest attempt to archive a segment failed.
    bool archiving_fails = false;
    std::string last_failed_segment = {};
    /// What the archive command was last good for: a segment, a "….backup" or a "….history".
    std::string last_archived = {};
    std::optional<wall_time> last_archived_at = {};

    friend bool operator==(const wal_facts&, const wal_facts&) = default;
};

struct server_facts {
    wal_facts wal = {};
    std::string version = {};                       ///< "15.14 (Debian 15.14-0+deb12u1)"
    int version_number = 0;                         ///< 150014
    std::optional<wall_time> started = {};          ///< its postmaster
    std::optional<std::string> data_directory = {}; ///< none: the role we ask with may not see it
    std::uint64_t system_id = 0;
    std::uint32_t timeline = 0;    ///< of its last checkpoint, on a standby as well
    std::string archive_mode = {}; ///< off | on | always
    bool archive_command = false;  ///< whether there is one: its text may hold secrets
    bool archive_library = false;
    // pg_stat_archiver
    std::uint64_t archived_count = 0;
    std::uint64_t failed_count = 0;
    std::optional<wall_time> last_failed_at = {};
    std::optional<wall_time> counted_since = {};

    friend bool operator==(const server_facts&, const server_facts&) = default;
};

/// One row each, which read_wal_facts() and read_server_facts() take; functions of PostgreSQL 10
/// and later. NULL is an empty text.
[[nodiscard]] const std::string& wal_question();
[[nodiscard]] const std::string& server_question();

/// None when the row is not an answer to that question.
[[nodiscard]] std::optional<wal_facts> read_wal_facts(std::span<const std::string> row);
[[nodiscard]] std::optional<server_facts> read_server_facts(std::span<const std::string> row);

} // namespace restpoint::postgres
