#include "api/info_metrics.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace restpoint::api {
namespace {

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

double seconds_since_epoch(wall_time t) {
    return std::chrono::duration<double>(t.time_since_epoch()).count();
}

/// A set that restores what a diff or incr would may stand in for the last of these.
int strength(std::string_view type) {
    return type == "full" ? 2 : type == "diff" ? 1 : 0;
}

const backrest::backup_info* last_of(const backrest::stanza_info& stanza, std::string_view type) {
    const backrest::backup_info* last = nullptr;
    for (const auto& set : stanza.backups) {
        if (strength(set.type) >= strength(type) && (last == nullptr || set.stop >= last->stop)) {
            last = &set;
        }
    }
    return last;
}

void add_last_backup(
    metrics_page& page, const std::string& stanza, const std::string& type,
    const backrest::backup_info& set, wall_time now) {
    // With block incremental the size in the repo is not told.
    const metric_labels labels{
        {"backup_type", type}, {"block_incr", set.repo_size ? "n" : "y"}, {"stanza", stanza}};
    const auto stop = static_cast<double>(set.stop);
    page.gauge(
        "pgbackrest_backup_since_last_completion_seconds",
        "Seconds since the last completed full, differential or incremental backup.",
        std::max(0.0, seconds_since_epoch(now) - stop), labels);
    page.gauge(
        "pgbackrest_backup_last_duration_seconds",
        "Duration of the last full, differential or incremental backup.",
        static_cast<double>(set.stop - set.start), labels);
    page.gauge(
        "pgbackrest_backup_last_error_status",
        "Whether the last full, differential or incremental backup has page checksum errors.",
        set.page_error.value_or(false) ? 1 : 0, labels);
    page.gauge(
        "pgbackrest_backup_last_annotations",
        "Number of annotations of the last full, differential or incremental backup.",
        number(set.annotations.size()), labels);
    page.gauge(
        "pgbackrest_backup_last_delta_bytes",
        "Bytes read by the last full, differential or incremental backup.", number(set.delta),
        labels);
    page.gauge(
        "pgbackrest_backup_last_size_bytes",
        "Bytes of the database in the last full, differential or incremental backup.",
        number(set.size), labels);
    page.gauge(
        "pgbackrest_backup_last_repo_delta_bytes",
        "Bytes that the last full, differential or incremental backup added to the repo.",
        number(set.repo_delta.value_or(0)), labels);
    page.gauge(
        "pgbackrest_backup_last_repo_size_bytes",
        "Bytes in the repo that a restore of the last full, differential or incremental backup "
        "needs.",
        number(set.repo_size.value_or(0)), labels);
    page.gauge(
        "restpoint_backup_last_completion_timestamp_seconds",
        "When the last full, differential or incremental backup was completed.", stop,
        {{"backup_type", type}, {"stanza", stanza}});
}

void add_repos(metrics_page& page, const backrest::stanza_info& stanza) {
    for (const auto& repo : stanza.repos) {
        const auto key = std::to_string(repo.key);
        page.gauge(
            "pgbackrest_repo_status", "Current repository status, as pgBackRest numbers it.",
            static_cast<double>(repo.status.code),
            {{"cipher", repo.cipher}, {"repo_key", key}, {"stanza", stanza.name}});
        if (repo.status.state == backrest::info_state::other) {
            continue; // it was not read: no set known is not no set there
        }
        for (const std::string type : {"full", "diff", "incr"}) {
            const auto sets = std::ranges::count_if(stanza.backups, [&](const auto& set) {
                return set.repo == repo.key && set.type == type;
            });
            page.gauge(
                "restpoint_backups", "Backup sets in the repository.", static_cast<double>(sets),
                {{"backup_type", type}, {"repo_key", key}, {"stanza", stanza.name}});
        }
    }
}

std::string version_of(const backrest::stanza_info& stanza, const backrest::archive_info& archive) {
    for (const auto& database : stanza.databases) {
        if (database.id == archive.database_id && database.repo == archive.repo) {
            return database.version;
        }
    }
    return {};
}

void add_archives(metrics_page& page, const backrest::stanza_info& stanza) {
    for (const auto& archive : stanza.archives) {
        page.gauge(
            "pgbackrest_wal_archive_status",
            "Whether there is WAL in the archive; says nothing about gaps.",
            archive.min && archive.max ? 1 : 0,
            {{"database_id", std::to_string(archive.database_id)},
             {"pg_version", version_of(stanza, archive)},
             {"repo_key", std::to_string(archive.repo)},
             {"stanza", stanza.name}});
    }
}

void add_running_backup(
    metrics_page& page, const backrest::stanza_info& stanza,
    std::span<const jobs::job> unfinished) {
    auto total = stanza.running_size;
    auto done = stanza.running_completed;
    const auto ours = std::ranges::find_if(unfinished, [&](const jobs::job& one) {
        return one.state == jobs::job_state::running && one.spec.kind == jobs::job_kind::backup &&
               one.spec.stanza == stanza.name;
    });
    if (!total && ours != unfinished.end()) {
        total = ours->progress.bytes_total;
        done = ours->progress.bytes_done;
    }
    const metric_labels labels{{"stanza", stanza.name}};
    page.gauge(
        "pgbackrest_stanza_backup_total_bytes",
        "Bytes that the running backup will read; 0 while none runs, or it is not known.",
        number(total.value_or(0)), labels);
    page.gauge(
        "pgbackrest_stanza_backup_complete_bytes",
        "Bytes that the running backup has read; 0 while none runs, or it is not known.",
        number(done.value_or(0)), labels);
}

void add_stanza(
    metrics_page& page, const backrest::stanza_info& stanza, std::span<const jobs::job> unfinished,
    wall_time now) {
    const metric_labels labels{{"stanza", stanza.name}};
    page.gauge(
        "pgbackrest_stanza_status", "Current stanza status, as pgBackRest numbers it.",
        static_cast<double>(stanza.status.code), labels);
    page.gauge(
        "pgbackrest_stanza_backup_lock_status", "Whether a backup, expire or stanza command runs.",
        stanza.lock_held ? 1 : 0, labels);
    add_running_backup(page, stanza, unfinished);
    add_repos(page, stanza);
    add_archives(page, stanza);
    for (const std::string type : {"full", "diff", "incr"}) {
        if (const auto* last = last_of(stanza, type)) {
            add_last_backup(page, stanza.name, type, *last, now);
        }
    }
}

} // namespace

void add_info_metrics(
    metrics_page& page, const jobs::info_answer* said, const std::string& stanza,
    std::span<const jobs::job> unfinished, wall_time now) {
    page.gauge(
        "pgbackrest_exporter_status",
        "Whether pgBackRest answered; with 0 its other figures are missing or old.",
        said != nullptr && !said->stale ? 1 : 0, {{"stanza", stanza}});
    if (said == nullptr) {
        return;
    }
    page.gauge(
        "restpoint_info_timestamp_seconds", "When pgBackRest gave the figures about its stanza.",
        seconds_since_epoch(said->taken));
    for (const auto& one : said->stanzas) {
        if (one.name == stanza) {
            add_stanza(page, one, unfinished, now);
        }
    }
}

void add_version_metric(
    metrics_page& page, const std::optional<backrest::program_version>& version) {
    const auto found = version.value_or(backrest::program_version{});
    page.gauge(
        "pgbackrest_version_info", "The version of pgBackRest: 2.45 is 2045000.",
        found.major * 1e6 + found.minor * 1e3 + found.patch);
}

} // namespace restpoint::api
