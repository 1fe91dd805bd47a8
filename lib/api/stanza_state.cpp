#include "api/stanza_state.hpp"

#include "api/wal_gaps.hpp"
#include "backrest/repo_trouble.hpp"
#include "backrest/wal_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace restpoint::api {

namespace {

using backrest::info_state;
using jobs::archive_answer;

std::string described(const jobs::archive_key& archive) {
    return fmt::format("archive {} of repo {}", archive.id, archive.repo);
}

/// Collects the reasons of one look.
class judgement {
  public:
    explicit judgement(const stanza_findings& found) : found_(found) {}

    [[nodiscard]] stanza_state pass() && {
        judge_info();
        judge_window();
        judge_postgres();
        judge_jobs();
        for (const auto& one : found_.strange_restores) {
            add(condition::unknown, "restore-unreadable", one);
        }
        stanza_state told;
        for (const auto what : {condition::error, condition::degraded, condition::unknown}) {
            std::copy_if(
                reasons_.begin(), reasons_.end(), std::back_inserter(told.reasons),
                [what](const reason& one) { return one.what == what; });
        }
        if (!told.reasons.empty()) {
            told.what = told.reasons.front().what;
        }
        return told;
    }

  private:
    void add(
        condition what, std::string_view code, std::string message, std::string_view hint = {}) {
        reasons_.push_back({what, code, std::move(message), std::string(hint)});
    }

    void judge_info() {
        if (!found_.info) {
            const auto& why = found_.info.error();
            return add(condition::unknown, "info-unavailable", why.detail, why.hint);
        }
        if ((*found_.info)->stale) {
            add(condition::unknown, "info-stale",
                fmt::format(
                    "what is known of the repo is of {}: pgbackrest info did not answer since",
                    rfc3339((*found_.info)->taken)));
        }
        const auto* const stanza = found_.stanza();
        if (stanza == nullptr) {
            return add(
                condition::unknown, "info-not-understood",
                fmt::format("pgbackrest info says nothing of stanza '{}'", found_.name));
        }
        judge_status(*stanza);
        judge_pages(*stanza);
    }

    void judge_status(const backrest::stanza_info& stanza) {
        const auto good = [](const backrest::repo_info& repo) {
            return repo.status.state == info_state::ok;
        };
        const bool any_good = std::any_of(stanza.repos.begin(), stanza.repos.end(), good);
        bool told = false;
        for (const auto& repo : stanza.repos) {
            if (!good(repo)) {
                told = true;
                add(severity(repo.status, any_good), "repo-status",
                    fmt::format("repo {}: {}", repo.key, backrest::in_brief(repo.status.message)),
                    backrest::trouble_hint(repo.status.message));
            }
        }
        if (!told && stanza.status.state != info_state::ok) {
            add(severity(stanza.status, any_good), "stanza-status",
                fmt::format("stanza '{}': {}", stanza.name, stanza.status.message));
        }
    }

    /// With another repo that is well, what is wrong with this one is half as bad.
    static condition severity(const backrest::info_status& status, bool any_good) {
        if (status.state == info_state::unknown) {
            return condition::unknown;
        }
        return any_good ? condition::degraded : condition::error;
    }

    void judge_pages(const backrest::stanza_info& stanza) {
        std::vector<std::string> labels;
        for (const auto& backup : stanza.backups) {
            if (backup.page_error.value_or(false)) {
                labels.push_back(backup.label);
            }
        }
        if (!labels.empty()) {
            add(condition::degraded, "page-checksum",
                fmt::format("pages with wrong checksums were backed up: {}", some_of(labels)));
        }
    }

    /// "a, b, c and 4 more"
    static std::string some_of(const std::vector<std::string>& all) {
        constexpr std::size_t most = 3;
        const auto shown = all.begin() + static_cast<std::ptrdiff_t>(std::min(most, all.size()));
        auto text = fmt::format("{}", fmt::join(all.begin(), shown, ", "));
        return all.size() > most ? fmt::format("{} and {} more", text, all.size() - most) : text;
    }

    void judge_window() {
        if (!found_.window) {
            const auto& why = found_.window.error();
            return add(condition::unknown, "archive-not-listed", why.detail, why.hint);
        }
        if ((*found_.window)->stale) {
            add(condition::unknown, "archive-stale",
                fmt::format(
                    "what is known of the WAL archive is of {}: a newer look did not come to an "
                    "end",
                    rfc3339((*found_.window)->taken)));
        }
        for (const auto& archive : (*found_.window)->archives) {
            if (archive.error) {
                add(condition::unknown, "archive-not-listed",
                    fmt::format("{}: {}", described(archive.of), archive.error->detail),
                    archive.error->hint);
            } else {
                judge_archive(archive);
            }
        }
    }

    void judge_archive(const archive_answer& archive) {
        judge_gaps(archive);
        judge_backups(archive);
        if (!archive.window.duplicates.empty()) {
            add(condition::degraded, "wal-duplicate",
                fmt::format(
                    "{} has {} WAL segments in two versions, of which pgbackrest restores none; "
                    "the "
                    "first is {}; two servers may be archiving into it",
                    described(archive.of), archive.window.duplicates.size(),
                    to_string(archive.window.duplicates.front())));
        }
        if (archive.window.misfits > 0) {
            add(condition::unknown, "wal-names",
                fmt::format(
                    "{} has {} WAL segments that no server with segments of {} MB has written",
                    described(archive.of), archive.window.misfits,
                    archive.window.size.layout.segment_bytes() >> 20U));
        }
        for (const auto& timeline : archive.window.timelines) {
            if (!timeline.ancestry_known && !timeline.from_wal) {
                add(condition::unknown, "timeline-history",
                    fmt::format(
                        "{}: where timeline {} comes from is not known, as its history file is "
                        "missing or cannot be read",
                        described(archive.of), timeline.timeline));
            }
        }
    }

    void judge_gaps(const archive_answer& archive) {
        std::vector<std::string> sentences;
        std::uint64_t missing = 0;
        for (const auto& gap : lasting_gaps(archive.window, found_)) {
            missing += gap.count;
            sentences.push_back(describe(gap));
        }
        if (!sentences.empty()) {
            add(condition::degraded, "wal-gap",
                fmt::format(
                    "{} lacks {} WAL segment{}: {}; no restore can go across, only on from the "
                    "next "
                    "backup behind it",
                    described(archive.of), missing, missing == 1 ? "" : "s", some_of(sentences)));
        }
    }

    [[nodiscard]] std::string describe(const backrest::wal_gap& gap) const {
        auto text = to_string(gap.first_missing);
        if (gap.count > 1) {
            text += " to " + to_string(gap.last_missing);
        }
        if (is_between_backups(gap)) {
            text += " (from the end of a backup to the beginning of another: "
                    "repo-retention-archive takes such)";
        }
        return text;
    }

    [[nodiscard]] bool is_between_backups(const backrest::wal_gap& gap) const {
        const auto* const stanza = found_.stanza();
        if (stanza == nullptr || !gap.after || !gap.before) {
            return false;
        }
        const auto any = [&](auto has) {
            return std::any_of(stanza->backups.begin(), stanza->backups.end(), has);
        };
        return any([&](const auto& one) { return one.wal_stop == to_string(*gap.after); }) &&
               any([&](const auto& one) { return one.wal_start == to_string(*gap.before); });
    }

    void judge_backups(const archive_answer& archive) {
        std::set<std::string> labels;
        for (const auto& timeline : archive.window.timelines) {
            labels.insert(timeline.incomplete.begin(), timeline.incomplete.end());
        }
        if (!labels.empty()) {
            add(condition::degraded, "backup-incomplete",
                fmt::format(
                    "{} lacks WAL without which these backups cannot be restored: {}",
                    described(archive.of), some_of({labels.begin(), labels.end()})));
        }
    }

    void judge_postgres() {
        if (!found_.postgres) {
            return add(
                condition::unknown, "postgresql-silent",
                "how far the archive is behind is not known: " + found_.postgres.error().detail);
        }
        const auto& facts = *found_.postgres;
        if (facts.archiving_fails) {
            add(condition::degraded, "archiving-fails",
                fmt::format(
                    "postgresql fails to archive its WAL; the segment in the way is {}",
                    facts.last_failed_segment));
        }
        judge_lag(facts);
    }

    void judge_lag(const postgres::wal_facts& facts) {
        if (facts.in_recovery || !found_.window || (*found_.window)->archives.empty()) {
            return;
        }
        const auto* const window = found_.last_live_window();
        if (window == nullptr && !any_listed()) {
            return; // that is said already
        }
        if (window == nullptr || window->timeline != facts.timeline) {
            return add(
                condition::degraded, "timeline-not-archived",
                fmt::format(
                    "postgresql writes timeline {}, of which nothing is in the repo",
                    facts.timeline));
        }
        judge_fork(facts.timeline);
        // Several segments may be on their way at any time; this much is not.
        constexpr std::uint64_t few_bytes = 1ULL << 30U;
        constexpr std::uint64_t few_segments = 4;
        const auto allowed = std::max(few_bytes, few_segments * facts.segment_bytes);
        const auto lag = find_lag(found_);
        if (lag.bytes && *lag.bytes > allowed) {
            add(condition::degraded, "archive-lag",
                fmt::format(
                    "postgresql is at {}, and the archive can be restored to {} only: {} MB would "
                    "be "
                    "lost with the server",
                    backrest::lsn_text(*lag.live), backrest::lsn_text(*lag.archived),
                    *lag.bytes >> 20U));
        }
    }

    [[nodiscard]] bool any_listed() const {
        const auto& all = (*found_.window)->archives;
        return std::any_of(
            all.begin(), all.end(), [](const archive_answer& one) { return !one.error; });
    }

    /// After an undo the server writes a timeline that restores by hand do not follow by themselves.
    void judge_fork(std::uint32_t live) {
        std::uint32_t newest = 0;
        for (const auto& archive : (*found_.window)->archives) {
            for (const auto& one : archive.window.timelines) {
                newest = archive.of.current ? std::max(newest, one.timeline) : newest;
            }
        }
        if (newest > live) {
            add(condition::degraded, "timeline-left",
                fmt::format(
                    "postgresql writes timeline {}, and the repo's newest is {}: a restore by hand "
                    "must name it (--target-timeline={}), and so must replicas built from the repo",
                    live, newest, live));
        }
    }

    void judge_jobs() {
        if (const auto& last = found_.last_backup; last && ended_badly(*last)) {
            add(condition::degraded, "backup-failed",
                fmt::format("the last backup, job {}, {}", last->id, ending_of(*last)));
        }
        if (const auto& last = found_.last_verification; last && ended_badly(*last)) {
            add(found_errors(*last) ? condition::degraded : condition::unknown,
                "verification-failed",
                fmt::format("the last verification, job {}, {}", last->id, ending_of(*last)));
        }
    }

    static bool ended_badly(const jobs::job& what) {
        return what.state == jobs::job_state::failed || what.state == jobs::job_state::interrupted;
    }

    static bool found_errors(const jobs::job& what) {
        return what.error && what.error->name == "verify-error";
    }

    /// "failed: the first line of why"
    static std::string ending_of(const jobs::job& what) {
        const std::string how = found_errors(what)                           ? "found errors"
                                : what.state == jobs::job_state::interrupted ? "was interrupted"
                                                                             : "failed";
        return what.error ? fmt::format("{}: {}", how, first_line(what.error->message)) : how;
    }

    static std::string_view first_line(std::string_view text) {
        return text.substr(0, text.find('\n'));
    }

    const stanza_findings& found_;
    std::vector<reason> reasons_ = {};
};

} // namespace

std::string_view to_string(condition what) {
    switch (what) {
    case condition::ok:
        return "ok";
    case condition::unknown:
        return "unknown";
    case condition::degraded:
        return "degraded";
    case condition::error:
        return "error";
    }
    // uncovered: every value has its case
    return "unknown";
}

const backrest::stanza_info* stanza_findings::stanza() const {
    if (!info) {
        return nullptr;
    }
    for (const auto& one : (*info)->stanzas) {
        if (one.name == name) {
            return &one;
        }
    }
    return nullptr;
}

stanza_state judge(const stanza_findings& found) {
    return judgement(found).pass();
}

} // namespace restpoint::api
