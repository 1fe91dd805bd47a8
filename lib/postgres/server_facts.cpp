#include "postgres/server_facts.hpp"

#include <charconv>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace restpoint::postgres {
namespace {

// Times are microseconds since 1970. In recovery there is no position that is written, and the name of a segment may not be asked for.
constexpr std::string_view wal_columns = R"(
select pg_catalog.pg_is_in_recovery(),
       case when pg_catalog.pg_is_in_recovery() then pg_catalog.pg_last_wal_replay_lsn()
            else pg_catalog.pg_current_wal_lsn() end OPERATOR(pg_catalog.-) '0/0'::pg_catalog.pg_lsn,
       case when not pg_catalog.pg_is_in_recovery()
            then pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8)
            end,
       (select setting from pg_catalog.pg_settings where name = 'wal_segment_size'),
       coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false),
       last_failed_wal,
       last_archived_wal,
       (extract(epoch from last_archived_time) * 1000000)::pg_catalog.int8)";

// pg_settings shows only what the role may see. Without archiving the command's setting reads
// "(disabled)".
constexpr std::string_view server_columns = R"(,
       pg_catalog.current_setting('server_version'),
       pg_catalog.current_setting('server_version_num'),
       (extract(epoch from pg_catalog.pg_postmaster_start_time()) * 1000000)::pg_catalog.int8,
       (select setting from pg_catalog.pg_settings where name = 'data_directory'),
       (select system_identifier from pg_catalog.pg_control_system()),
       (select timeline_id from pg_catalog.pg_control_checkpoint()),
       pg_catalog.current_setting('archive_mode'),
       (select count(*) > 0 from pg_catalog.pg_settings
         where name = 'archive_command' and setting not in ('', '(disabled)')),
       (select count(*) > 0 from pg_catalog.pg_settings
         where name = 'archive_library' and setting <> ''),
       archived_count,
       failed_count,
       (extract(epoch from last_failed_time) * 1000000)::pg_catalog.int8,
       (extract(epoch from stats_reset) * 1000000)::pg_catalog.int8)";

constexpr std::string_view source = "\n  from pg_catalog.pg_stat_archiver";

constexpr std::size_t wal_fields = 8;
constexpr std::size_t server_fields = wal_fields + 13;

template <class Number>
bool read_number(const std::string& text, Number& into, int base = 10) {
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, into, base);
    return error == std::errc{} && stopped == end;
}

/// False when it is neither NULL nor a time.
bool read_time(const std::string& text, std::optional<wall_time>& into) {
    std::int64_t us = 0;
    if (text.empty()) {
        return true;
    }
    into = wall_time{};
    const bool good = read_number(text, us);
    *into += std::chrono::duration_cast<wall_time::duration>(std::chrono::microseconds{us});
    return good;
}

} // namespace

const std::string& wal_question() {
    static const std::string text = std::string(wal_columns).append(source);
    return text;
}

const std::string& server_question() {
    static const std::string text = std::string(wal_columns).append(server_columns).append(source);
    return text;
}

std::optional<wal_facts> read_wal_facts(std::span<const std::string> row) {
    wal_facts facts;
    if (row.size() != wal_fields || !read_number(row[1], facts.position) ||
        !read_number(row[3], facts.segment_bytes)) {
        return std::nullopt;
    }
    facts.in_recovery = row[0] == "t";
    if (!facts.in_recovery && !read_number(row[2], facts.timeline, 16)) {
        return std::nullopt;
    }
    facts.archiving_fails = row[4] == "t";
    facts.last_failed_segment = row[5];
    facts.last_archived = row[6];
    if (!read_time(row[7], facts.last_archived_at)) {
        return std::nullopt;
    }
    return facts;
}

std::optional<server_facts> read_server_facts(std::span<const std::string> row) {
    if (row.size() != server_fields) {
        return std::nullopt;
    }
    auto wal = read_wal_facts(row.first(wal_fields));
    const auto rest = row.subspan(wal_fields);
    server_facts facts;
    facts.version = rest[0];
    facts.archive_mode = rest[6];
    facts.archive_command = rest[7] == "t";
    facts.archive_library = rest[8] == "t";
    if (!rest[3].empty()) {
        facts.data_directory = rest[3];
    }
    const bool good =
        wal && read_number(rest[1], facts.version_number) && read_time(rest[2], facts.started) &&
        read_number(rest[4], facts.system_id) && read_number(rest[5], facts.timeline) &&
        read_number(rest[9], facts.archived_count) && read_number(rest[10], facts.failed_count) &&
        read_time(rest[11], facts.last_failed_at) && read_time(rest[12], facts.counted_since);
    if (!good) {
        return std::nullopt;
    }
    facts.wal = std::move(*wal);
    return facts;
}

} // namespace restpoint::postgres
