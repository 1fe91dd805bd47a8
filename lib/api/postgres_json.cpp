#include "api/postgres_json.hpp"

#include "api/json_text.hpp"
#include "api/json_values.hpp"
#include "api/stanza_json.hpp"
#include "backrest/wal_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace json = boost::json;

namespace restpoint::api {
namespace {

using postgres::server_facts;

/// PostgreSQL's version as pgBackRest writes it: "15", "9.6".
std::string major_version(int number) {
    constexpr int since_ten = 100'000;
    return number >= since_ten ? std::to_string(number / 10'000)
                               : fmt::format("{}.{}", number / 10'000, number / 100 % 100);
}

/// The clusters that the repos stand for now: the last one of each.
std::vector<backrest::database_info> current_databases(const backrest::stanza_info& stanza) {
    std::vector<backrest::database_info> current;
    for (const auto& one : stanza.databases) {
        const auto of_repo = std::ranges::find(current, one.repo, &backrest::database_info::repo);
        if (of_repo == current.end()) {
            current.push_back(one);
        } else if (of_repo->id < one.id) {
            *of_repo = one;
        }
    }
    return current;
}

json::object stanza_of(const stanza_findings& found, const std::optional<server_facts>& facts) {
    const auto* const stanza = found.stanza();
    const auto current =
        stanza != nullptr ? current_databases(*stanza) : std::vector<backrest::database_info>{};
    json::object told;
    told["name"] = text(found.name);
    told["system_id"] = nullptr;
    told["version"] = nullptr;
    told["matches"] = nullptr;
    if (current.empty()) {
        return told;
    }
    told["system_id"] = text(std::to_string(current.front().system_id));
    told["version"] = text(current.front().version);
    if (facts) {
        told["matches"] = std::ranges::all_of(current, [&](const auto& one) {
            return one.system_id == facts->system_id &&
                   one.version == major_version(facts->version_number);
        });
    }
    return told;
}

json::object archiving_of(const server_facts& facts) {
    json::object told;
    told["mode"] = text(facts.archive_mode);
    told["command_set"] = facts.archive_command;
    told["library_set"] = facts.archive_library;
    told["failing"] = facts.wal.archiving_fails;
    told["archived_count"] = facts.archived_count;
    told["last_archived"] = text_or_null(std::string_view(facts.wal.last_archived));
    told["last_archived_at"] = time_or_null(facts.wal.last_archived_at);
    told["failed_count"] = facts.failed_count;
    told["last_failed"] = text_or_null(std::string_view(facts.wal.last_failed_segment));
    told["last_failed_at"] = time_or_null(facts.last_failed_at);
    told["counted_since"] = time_or_null(facts.counted_since);
    return told;
}

json::value role_of(const std::optional<bool>& in_recovery) {
    return in_recovery ? text(*in_recovery ? "standby" : "primary") : json::value(nullptr);
}

void add_facts(json::object& told, const std::optional<server_facts>& facts) {
    const server_facts none;
    const auto& known = facts ? *facts : none;
    const auto of_facts = [&](json::value value) {
        return facts ? std::move(value) : json::value(nullptr);
    };
    told["version"] = of_facts(text(known.version));
    told["version_number"] = of_facts(known.version_number);
    told["started"] = time_or_null(known.started);
    told["data_directory"] = text_or_null(known.data_directory);
    told["system_id"] = of_facts(text(std::to_string(known.system_id)));
    told["timeline"] = of_facts(known.wal.in_recovery ? known.timeline : known.wal.timeline);
    told["lsn"] = of_facts(text(backrest::lsn_text(known.wal.position)));
    told["wal_segment_bytes"] = of_facts(known.wal.segment_bytes);
    told["archiving"] = facts ? json::value(archiving_of(known)) : json::value(nullptr);
}

} // namespace

std::string postgres_json(const postgres::server_report& told, stanza_findings found) {
    found.postgres = told.facts ? result<postgres::wal_facts>(told.facts->wal)
                                : failure{errc::unavailable, told.status.detail};
    json::object object;
    object["state"] = text(to_string(told.status.state));
    object["detail"] = text_or_null(std::string_view(told.status.detail));
    object["held_by"] = text_or_null(std::string_view(told.held_by));
    object["role"] = role_of(told.status.in_recovery);
    object["in_recovery"] = number_or_null(told.status.in_recovery);
    add_facts(object, told.facts);
    object["archive"] = archive_summary(found);
    object["stanza"] = stanza_of(found, told.facts);
    return to_text(object);
}

} // namespace restpoint::api
