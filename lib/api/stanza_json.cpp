#include "api/stanza_json.hpp"

#include "api/json_text.hpp"
#include "api/json_values.hpp"
#include "backrest/wal_name.hpp"
#include "http/escape.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

namespace json = boost::json;

namespace restpoint::api {
namespace {

json::value lsn_or_null(const std::optional<backrest::lsn>& position) {
    return position ? text(backrest::lsn_text(*position)) : json::value(nullptr);
}

json::value segment_or_null(const std::optional<backrest::segment_name>& name) {
    return name ? text(to_string(*name)) : json::value(nullptr);
}

/// Null for what is not a time after 1970 that fits our clock: info may say anything.
json::value time_of(std::int64_t seconds) {
    constexpr std::int64_t year_2262 = 9'214'646'400;
    if (seconds <= 0 || seconds >= year_2262) {
        return nullptr;
    }
    return text(rfc3339(wall_time{std::chrono::seconds{seconds}}));
}

template <class Values, class Write>
json::array array_of(const Values& values, Write write) {
    json::array all;
    all.reserve(values.size());
    for (const auto& one : values) {
        all.push_back(write(one));
    }
    return all;
}

json::value segment_text(const backrest::segment_name& name) {
    return text(to_string(name));
}

json::object gap_object(const backrest::wal_gap& gap) {
    return {
        {"first_missing", segment_text(gap.first_missing)},
        {"last_missing", segment_text(gap.last_missing)},
        {"after", segment_or_null(gap.after)},
        {"before", segment_or_null(gap.before)},
        {"segments", gap.count}};
}

json::object stretch_object(const backrest::wal_stretch& one) {
    return {
        {"backup", text(one.backup)},
        {"from", time_of(one.from)},
        {"to", time_of(one.to)},
        {"from_lsn", text(backrest::lsn_text(one.from_lsn))},
        {"to_lsn", text(backrest::lsn_text(one.to_lsn))},
        {"from_wal", segment_text(one.from_wal)},
        {"to_wal", segment_text(one.to_wal)}};
}

json::object timeline_object(const backrest::timeline_window& one) {
    json::object told;
    told["timeline"] = one.timeline;
    told["parent"] = number_or_null(one.parent);
    told["history_known"] = one.ancestry_known;
    told["from"] = time_of(one.from);
    told["to"] = time_of(one.to);
    told["from_lsn"] = one.from_wal ? text(backrest::lsn_text(one.from_lsn)) : json::value(nullptr);
    told["to_lsn"] = one.to_wal ? text(backrest::lsn_text(one.to_lsn)) : json::value(nullptr);
    told["from_wal"] = segment_or_null(one.from_wal);
    told["to_wal"] = segment_or_null(one.to_wal);
    told["gaps"] = array_of(one.gaps, gap_object);
    told["gap_count"] = one.gap_count;
    told["missing_segments"] = one.missing_count;
    told["restorable"] = array_of(one.restorable, stretch_object);
    told["incomplete_backups"] = array_of(one.incomplete, text);
    return told;
}

json::object archive_object(const jobs::archive_answer& one) {
    json::object told;
    told["repo"] = one.of.repo;
    told["archive_id"] = text(one.of.id);
    told["database_id"] = one.of.database_id;
    told["current"] = one.of.current;
    told["error"] = one.error ? text(one.error->detail) : json::value(nullptr);
    told["segment_bytes"] =
        one.error ? json::value(nullptr) : json::value(one.window.size.layout.segment_bytes());
    told["segment_bytes_from"] =
        one.error ? json::value(nullptr) : text(to_string(one.window.size.from));
    constexpr std::size_t most = 100; // in detail; a repo where two servers meet has thousands
    auto duplicates = one.window.duplicates;
    told["duplicate_count"] = duplicates.size();
    duplicates.resize(std::min(duplicates.size(), most));
    told["duplicates"] = array_of(duplicates, segment_text);
    told["strange_names"] = one.window.misfits;
    return told;
}

json::object status_object(const backrest::info_status& status) {
    return {
        {"code", status.code},
        {"name", text(to_string(status.state))},
        {"message", text(status.message)}};
}

json::object backup_object(const backrest::backup_info& one) {
    json::object annotations;
    for (const auto& [key, value] : one.annotations) {
        annotations.emplace(http::scrub_utf8(key), text(value));
    }
    json::object told;
    told["label"] = text(one.label);
    told["type"] = text(one.type);
    told["prior"] = text_or_null(one.prior);
    told["references"] = array_of(one.references, text);
    told["started"] = time_of(one.start);
    told["finished"] = time_of(one.stop);
    told["database_bytes"] = one.size;
    told["delta_bytes"] = one.delta;
    told["repo_bytes"] = number_or_null(one.repo_size);
    told["repo_delta_bytes"] = number_or_null(one.repo_delta);
    told["page_error"] = number_or_null(one.page_error);
    told["from_wal"] = text_or_null(one.wal_start);
    told["to_wal"] = text_or_null(one.wal_stop);
    told["from_lsn"] = text_or_null(one.lsn_start);
    told["to_lsn"] = text_or_null(one.lsn_stop);
    told["database_id"] = one.database_id;
    told["repo"] = one.repo;
    told["pgbackrest_version"] = text(one.backrest_version);
    told["annotations"] = std::move(annotations);
    return told;
}

json::object database_object(const backrest::database_info& one) {
    return {
        {"id", one.id},
        {"repo", one.repo},
        {"version", text(one.version)},
        {"system_id", text(std::to_string(one.system_id))}};
}

/// What a repo holds, with its own status.
json::object repo_object(const backrest::repo_info& repo, const backrest::stanza_info& of) {
    std::uint64_t count = 0;
    std::uint64_t bytes = 0;
    const bool was_read = repo.status.state != backrest::info_state::other;
    bool all_known = was_read;
    for (const auto& backup : of.backups) {
        if (backup.repo == repo.key) {
            ++count;
            bytes += backup.repo_delta.value_or(0);
            all_known = all_known && backup.repo_delta.has_value();
        }
    }
    return {
        {"key", repo.key},
        {"cipher", text(repo.cipher)},
        {"status", status_object(repo.status)},
        {"backup_count", was_read ? json::value(count) : json::value(nullptr)},
        {"backup_bytes", all_known ? json::value(bytes) : json::value(nullptr)}};
}

/// Whether what info says of backups is more than silence.
bool any_read(const backrest::stanza_info& stanza) {
    const auto was_read = [](const backrest::repo_info& repo) {
        return repo.status.state != backrest::info_state::other;
    };
    return stanza.repos.empty() || std::ranges::any_of(stanza.repos, was_read);
}

bool is_newer(const backrest::backup_info& a, const backrest::backup_info& b) {
    return std::tuple(a.stop, a.label, b.repo) > std::tuple(b.stop, b.label, a.repo);
}

json::value newest_backup(const std::vector<backrest::backup_info>& all) {
    const auto newest = std::min_element(all.begin(), all.end(), is_newer);
    return newest == all.end() ? json::value(nullptr) : json::value(backup_object(*newest));
}

json::value job_or_null(const std::optional<jobs::job>& what) {
    if (!what) {
        return nullptr;
    }
    json::object told;
    told["id"] = std::to_string(what->id);
    told["state"] = text(to_string(what->state));
    told["type"] = what->spec.type ? text(to_string(*what->spec.type)) : json::value(nullptr);
    told["finished"] = time_or_null(what->finished);
    return told;
}

json::object planned_object(const planned_run& one) {
    json::object told;
    told["schedule"] = text(one.schedule);
    told["action"] = text(one.action);
    told["type"] = one.type ? text(to_string(*one.type)) : json::value(nullptr);
    told["due"] = text(rfc3339(one.when.due));
    told["start"] = text(rfc3339(one.when.start));
    return told;
}

json::value last_scheduled(const stanza_findings& found) {
    if (!found.last_scheduled) {
        return nullptr;
    }
    auto told = past_run_json(*found.last_scheduled);
    told["schedule"] = text(found.last_scheduled->what.schedule);
    return told;
}

void add_info(json::object& told, const stanza_findings& found) {
    const auto* const stanza = found.stanza();
    const backrest::stanza_info none;
    const auto& info = stanza != nullptr ? *stanza : none;
    told["status"] =
        stanza != nullptr ? json::value(status_object(info.status)) : json::value(nullptr);
    told["lock_held"] = stanza != nullptr ? json::value(info.lock_held) : json::value(nullptr);
    told["databases"] = array_of(info.databases, database_object);
    told["repos"] = array_of(
        info.repos, [&](const backrest::repo_info& repo) { return repo_object(repo, info); });
    told["backup_count"] = stanza != nullptr && any_read(info) ? json::value(info.backups.size())
                                                               : json::value(nullptr);
    told["newest_backup"] = newest_backup(info.backups);
}

json::value taken_of(const stanza_findings& found) {
    return found.info ? text(rfc3339((*found.info)->taken)) : json::value(nullptr);
}

json::object stanza_object(const stanza_findings& found) {
    const auto state = judge(found);
    json::object told;
    told["name"] = text(found.name);
    told["state"] = text(to_string(state.what));
    told["reasons"] = array_of(state.reasons, [](const reason& one) {
        return json::object{
            {"code", text(one.code)},
            {"state", text(to_string(one.what))},
            {"message", text(one.message)},
            {"hint", one.hint.empty() ? json::value(nullptr) : text(one.hint)}};
    });
    add_info(told, found);
    const auto* const window = found.live_window();
    told["window"] = window != nullptr ? json::value(timeline_object(*window)) : nullptr;
    told["archive"] = archive_summary(found);
    told["last_runs"] = json::object{
        {"backup", job_or_null(found.last_backup)},
        {"check", job_or_null(found.last_check)},
        {"verify", job_or_null(found.last_verification)}};
    told["next_runs"] = array_of(found.next_runs, planned_object);
    told["last_scheduled"] = last_scheduled(found);
    told["taken"] = taken_of(found);
    return told;
}

} // namespace

json::object archive_summary(const stanza_findings& found) {
    const auto lag = find_lag(found);
    json::object told;
    told["timeline"] = found.postgres && !found.postgres->in_recovery
                           ? json::value(found.postgres->timeline)
                           : json::value(nullptr);
    told["live_lsn"] = lsn_or_null(lag.live);
    told["archived_lsn"] = lsn_or_null(lag.archived);
    told["lag_bytes"] = number_or_null(lag.bytes);
    told["failing"] =
        found.postgres ? json::value(found.postgres->archiving_fails) : json::value(nullptr);
    return told;
}

std::string stanza_json(const stanza_findings& found) {
    return to_text(stanza_object(found));
}

std::string stanza_list_json(const stanza_findings& found) {
    json::array all;
    all.push_back(stanza_object(found));
    return to_text(json::object{{"stanzas", std::move(all)}});
}

std::string backup_list_json(const stanza_findings& found) {
    const auto* const stanza = found.stanza();
    auto backups = stanza != nullptr ? stanza->backups : std::vector<backrest::backup_info>{};
    std::sort(backups.begin(), backups.end(), is_newer);
    json::object told;
    told["backups"] = array_of(backups, backup_object);
    told["taken"] = taken_of(found);
    told["stale"] = !found.info || (*found.info)->stale;
    return to_text(told);
}

std::string backup_json(const stanza_findings& found, std::string_view label) {
    const auto* const stanza = found.stanza();
    if (stanza == nullptr) {
        return {};
    }
    json::array copies;
    for (const auto& one : stanza->backups) {
        if (one.label == label) {
            copies.push_back(backup_object(one));
        }
    }
    if (copies.empty()) {
        return {};
    }
    auto told = copies.front().as_object();
    json::array repos;
    for (const auto& copy : copies) {
        repos.push_back(copy.at("repo"));
    }
    told["repos"] = std::move(repos);
    return to_text(told);
}

std::string window_json(const jobs::window_answer& answer) {
    json::array timelines;
    json::array archives;
    for (const auto& archive : answer.archives) {
        archives.push_back(archive_object(archive));
        for (const auto& one : archive.window.timelines) {
            auto told = timeline_object(one);
            told["repo"] = archive.of.repo;
            told["archive_id"] = text(archive.of.id);
            timelines.push_back(std::move(told));
        }
    }
    json::object told;
    told["timelines"] = std::move(timelines);
    told["archives"] = std::move(archives);
    told["taken"] = text(rfc3339(answer.taken));
    told["stale"] = answer.stale;
    return to_text(told);
}

} // namespace restpoint::api
