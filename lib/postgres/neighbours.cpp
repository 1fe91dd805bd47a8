#include "postgres/neighbours.hpp"

#include <boost/json/parse.hpp>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <system_error>

namespace json = boost::json;

namespace restpoint::postgres {
namespace {

// Times are microseconds since 1970, lists are JSON. A standby is whoever streams WAL without a
// logical slot; base backups (state 'backup') only pass by.
constexpr auto question = R"(
select (extract(epoch from pg_catalog.clock_timestamp()) * 1000000)::pg_catalog.int8,
       case when pg_catalog.current_setting('track_commit_timestamp') = 'on'
            then (select (extract(epoch from "timestamp") * 1000000)::pg_catalog.int8
                    from pg_catalog.pg_last_committed_xact()) end,
       case when exists (select from pg_catalog.pg_stat_activity
                          where application_name ilike 'patroni%') then 'Patroni'
            when pg_catalog.current_setting('shared_preload_libraries') like '%pgautofailover%'
            then 'pg_auto_failover'
            when pg_catalog.current_setting('shared_preload_libraries') like '%repmgr%'
            then 'repmgr' end,
       (select pg_catalog.json_agg(application_name order by application_name)
          from pg_catalog.pg_stat_replication r
         where state is distinct from 'backup'
           and not exists (select from pg_catalog.pg_replication_slots s
                            where s.active_pid = r.pid and s.slot_type = 'logical')),
       (select pg_catalog.json_agg(slot_name order by slot_name)
          from pg_catalog.pg_replication_slots where slot_type = 'logical' and active),
       (select pg_catalog.json_agg(slot_name order by slot_name)
          from pg_catalog.pg_replication_slots),
       (select pg_catalog.json_agg(gid order by gid) from pg_catalog.pg_prepared_xacts),
       (select pg_catalog.json_agg(place order by place)
          from (select pg_catalog.pg_tablespace_location(oid) as place
                  from pg_catalog.pg_tablespace) t
         where place <> ''))";

constexpr std::size_t fields = 8;

std::optional<wall_time> read_time(const std::string& text) {
    std::int64_t us = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, us);
    if (error != std::errc{} || stopped != end) {
        return std::nullopt;
    }
    return wall_time{std::chrono::microseconds{us}};
}

/// False when it is neither NULL nor an array of strings.
bool read_list(const std::string& text, std::vector<std::string>& into) {
    if (text.empty()) {
        return true;
    }
    boost::system::error_code error;
    const auto parsed = json::parse(text, error);
    if (error || !parsed.is_array()) {
        return false;
    }
    for (const auto& one : parsed.get_array()) {
        if (!one.is_string()) {
            return false;
        }
        into.emplace_back(one.get_string());
    }
    return true;
}

} // namespace

const std::string& neighbours_question() {
    static const std::string text = question;
    return text;
}

std::optional<neighbours> read_neighbours(std::span<const std::string> row) {
    neighbours told;
    if (row.size() != fields) {
        return std::nullopt;
    }
    const auto now = read_time(row[0]);
    const bool good = now && read_list(row[3], told.standbys) &&
                      read_list(row[4], told.subscribers) && read_list(row[5], told.slots) &&
                      read_list(row[6], told.prepared) && read_list(row[7], told.tablespaces);
    if (!good) {
        return std::nullopt;
    }
    told.now = *now;
    told.last_commit = read_time(row[1]);
    told.manager = row[2];
    return told;
}

} // namespace restpoint::postgres
