#include "api/stanza_metrics.hpp"

#include "api/wal_gaps.hpp"

#include <string>

namespace restpoint::api {

namespace {

void add_archive(
    metrics_page& page, const stanza_findings& found, const jobs::archive_answer& archive) {
    const metric_labels labels{
        {"database_id", std::to_string(archive.of.database_id)},
        {"repo_key", std::to_string(archive.of.repo)},
        {"stanza", found.name}};
    page.gauge(
        "restpoint_archive_listed", "Whether the WAL archive could be listed.",
        archive.error ? 0 : 1, labels);
    if (const auto lag = lag_of(found, archive)) {
        page.gauge(
            "restpoint_repo_archive_lag_bytes",
            "WAL that postgresql has written and that no restore from this repository reaches yet; "
            "while it cannot be read, since it could be.",
            static_cast<double>(*lag), labels);
    }
    if (archive.error) {
        return;
    }
    std::uint64_t missing = 0;
    const auto gaps = lasting_gaps(archive.window, found);
    for (const auto& gap : gaps) {
        missing += gap.count;
    }
    page.gauge(
        "restpoint_wal_gaps",
        "Gaps between the oldest backup and the newest WAL, which no restore can go across.",
        static_cast<double>(gaps.size()), labels);
    page.gauge(
        "restpoint_wal_missing_segments", "WAL segments in these gaps.",
        static_cast<double>(missing), labels);
}

} // namespace

void add_stanza_metrics(metrics_page& page, const stanza_findings& found) {
    const auto state = judge(found).what;
    for (const auto one :
         {condition::ok, condition::unknown, condition::degraded, condition::error}) {
        page.gauge(
            "restpoint_stanza_state", "1 for the state that the stanza is in.",
            one == state ? 1 : 0, {{"stanza", found.name}, {"state", std::string(to_string(one))}});
    }
    if (found.window) {
        for (const auto& archive : (*found.window)->archives) {
            if (archive.of.current) {
                add_archive(page, found, archive);
            }
        }
    }
    if (const auto lag = find_lag(found).bytes) {
        page.gauge(
            "restpoint_archive_lag_bytes",
            "WAL that postgresql has written and that no restore reaches yet.",
            static_cast<double>(*lag), {{"stanza", found.name}});
    }
}

} // namespace restpoint::api
