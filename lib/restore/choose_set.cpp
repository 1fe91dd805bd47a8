#include "restore/choose_set.hpp"

#include "restore/reach_target.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace restpoint::restore {
namespace {

using backrest::backup_info;

/// How long after each other the repos may get a segment.
constexpr std::chrono::minutes on_its_way{2};

std::string hex(std::uint32_t timeline) {
    return fmt::format("{:08X}", timeline);
}

/// The look at one repo. Each step leaves its refusal, and the next ones are not taken.
class look {
  public:
    look(const plan_request& asked, const plan_facts& facts, std::int64_t repo)
        : asked_(asked), facts_(facts) {
        found_.repo = repo;
    }

    [[nodiscard]] choice go() && {
        if (find_archive() && is_this_cluster() && find_timeline() && find_set()) {
            reach_target(asked_, facts_, on_, found_);
            look_behind();
        }
        return std::move(found_);
    }

  private:
    bool refuse(reason why, std::string message, std::string hint) {
        found_.refusals.push_back({why, std::move(message), std::move(hint)});
        return false;
    }

    bool find_archive() {
        const auto archive =
            std::find_if(facts_.archives.begin(), facts_.archives.end(), [&](const auto& one) {
                return one.of.repo == found_.repo && one.of.current;
            });
        if (archive == facts_.archives.end()) {
            return refuse(
                reason::repo_unknown,
                fmt::format("repo {} has no archive of this cluster", found_.repo),
                "GET /api/v1/stanzas lists the repos and their states");
        }
        if (archive->error) {
            return refuse(
                reason::archive_unreadable,
                fmt::format(
                    "the WAL in repo {} could not be listed: {}", found_.repo,
                    archive->error->detail),
                archive->error->hint);
        }
        on_.archive = &*archive;
        return true;
    }

    bool is_this_cluster() {
        const auto present = facts_.system_id();
        if (!present) {
            return true;
        }
        for (const auto& one : facts_.stanza.databases) {
            if (one.repo == found_.repo && one.id == on_.archive->of.database_id &&
                one.system_id != *present) {
                return refuse(
                    reason::other_cluster,
                    fmt::format(
                        "the cluster that is here is system {}, and the backups are of system {}",
                        *present, one.system_id),
                    "these backups belong to another cluster: check which stanza this is, and "
                    "where pg1-path points");
            }
        }
        return true;
    }

    [[nodiscard]] std::string known_timelines() const {
        std::vector<std::string> names;
        for (const auto& one : on_.archive->window.timelines) {
            names.push_back(std::to_string(one.timeline));
        }
        return fmt::format("{}", fmt::join(names, ", "));
    }

    /// The timeline that is asked for, or the one that the server writes or wrote, or the only one.
    [[nodiscard]] std::uint32_t wanted_timeline() const {
        if (asked_.timeline) {
            return *asked_.timeline;
        }
        if (const auto present = facts_.present_timeline(); present != 0) {
            return present;
        }
        const auto& all = on_.archive->window.timelines;
        return all.size() == 1 ? all.front().timeline : 0;
    }

    bool find_timeline() {
        const auto& all = on_.archive->window.timelines;
        if (all.empty()) {
            return refuse(
                reason::no_backup, fmt::format("repo {} has no backup and no WAL", found_.repo),
                "make a backup first: POST /api/v1/stanzas/NAME/backups");
        }
        found_.timeline = wanted_timeline();
        if (found_.timeline == 0) {
            return refuse(
                reason::timeline_ambiguous,
                fmt::format(
                    "the repo has the timelines {}, and neither a server nor its files say which "
                    "was in use",
                    known_timelines()),
                "name the timeline: the newest one is not always the one that was in use");
        }
        const auto window = std::find_if(all.begin(), all.end(), [&](const auto& one) {
            return one.timeline == found_.timeline;
        });
        if (window == all.end()) {
            return refuse(
                reason::timeline_unknown,
                fmt::format("nothing of timeline {} is in repo {}", found_.timeline, found_.repo),
                "it has the timelines " + known_timelines());
        }
        if (!window->ancestry_known) {
            return refuse(
                reason::timeline_unknown,
                fmt::format(
                    "nobody knows where timeline {} came from: {}.history is not in repo {}",
                    found_.timeline, hex(found_.timeline), found_.repo),
                "put the file back, from pg_wal of a server that follows this timeline");
        }
        on_.window = &*window;
        if (const auto end = on_.window->to_wal) {
            found_.wal_end = on_.window->to_lsn;
            found_.wal_end_time = on_.window->to;
        }
        return true;
    }

    /// The stretches that may serve: all, or the one that the asked set begins.
    bool find_set() {
        if (!asked_.set) {
            for (const auto& one : on_.window->restorable) {
                on_.stretches.push_back(&one);
            }
            if (on_.stretches.empty()) {
                return refuse_without_stretch();
            }
            return true;
        }
        const auto* const set = on_.backup(facts_, *asked_.set);
        if (set == nullptr) {
            return refuse(
                reason::set_unknown,
                fmt::format("repo {} has no backup '{}' of this cluster", found_.repo, *asked_.set),
                "GET /api/v1/stanzas/NAME/backups lists those there are");
        }
        for (const auto& one : on_.window->restorable) {
            if (std::find(one.backups.begin(), one.backups.end(), set->label) !=
                one.backups.end()) {
                on_.stretches.push_back(&one);
                return true;
            }
        }
        const auto& incomplete = on_.window->incomplete;
        if (std::find(incomplete.begin(), incomplete.end(), set->label) != incomplete.end()) {
            return refuse_incomplete(set->label);
        }
        return refuse(
            reason::set_not_on_timeline,
            fmt::format("backup '{}' does not lead to timeline {}", set->label, found_.timeline),
            "it belongs to a branch that was left, or was made offline: name its own timeline, or "
            "another set");
    }

    bool refuse_incomplete(const std::string& label) {
        return refuse(
            reason::set_incomplete,
            fmt::format("WAL that backup '{}' needs to become consistent is missing", label),
            "choose an older or a newer set: GET /api/v1/stanzas/NAME/window shows the gaps");
    }

    bool refuse_without_stretch() {
        if (!on_.window->incomplete.empty()) {
            return refuse_incomplete(on_.window->incomplete.back());
        }
        return refuse(
            reason::no_backup,
            fmt::format("no backup in repo {} leads to timeline {}", found_.repo, found_.timeline),
            "name another timeline: there are backups on those that GET "
            "/api/v1/stanzas/NAME/backups shows");
    }

    /// How far WAL of the timeline goes in another repo that has more of it than this one; none when
    /// no repo has, or when it may just be on its way here.
    [[nodiscard]] const backrest::timeline_window* further_elsewhere() const {
        const auto two_segments = 2 * on_.archive->window.size.layout.segment_bytes();
        for (const auto& other : facts_.archives) {
            if (!other.of.current || other.error || other.of.repo == found_.repo) {
                continue;
            }
            for (const auto& one : other.window.timelines) {
                const bool is_old =
                    one.to != 0 &&
                    facts_.now - wall_time{std::chrono::seconds{one.to}} > on_its_way;
                if (one.timeline == found_.timeline && one.to_wal && on_.window->to_wal &&
                    one.to_lsn > on_.window->to_lsn &&
                    (is_old || one.to_lsn - on_.window->to_lsn >= two_segments)) {
                    return &one;
                }
            }
        }
        return nullptr;
    }

    /// The server has done with what another repo has: it does not bring it here any more.
    void look_behind() {
        const bool needs_all = found_.refusals.empty() &&
                               (asked_.to.kind == target_kind::latest || found_.needs_server);
        const auto* const other = found_.set && needs_all ? further_elsewhere() : nullptr;
        if (other == nullptr) {
            return;
        }
        const bool is_latest = asked_.to.kind == target_kind::latest;
        refuse(
            is_latest ? reason::commits_missing : reason::target_after_wal,
            fmt::format(
                "the WAL in repo {} ends at {}, and goes on to {} in another repo", found_.repo,
                to_string(*on_.window->to_wal), to_string(*other->to_wal)),
            is_latest ? "restore from the other repo, or acknowledge commits_missing"
                      : "restore from the other repo, or to a target before that");
    }

    const plan_request& asked_;
    const plan_facts& facts_;
    ground on_ = {};
    choice found_ = {};
};

} // namespace

choice choose_set(const plan_request& asked, const plan_facts& facts, std::int64_t repo) {
    return look(asked, facts, repo).go();
}

} // namespace restpoint::restore
