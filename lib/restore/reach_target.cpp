#include "restore/reach_target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace restpoint::restore {
namespace {

using backrest::backup_info;
using backrest::wal_stretch;

wall_time from_seconds(std::int64_t seconds) {
    return wall_time{std::chrono::seconds{seconds}};
}

class reach {
  public:
    reach(const plan_request& asked, const plan_facts& facts, const ground& on, choice& found)
        : asked_(asked), facts_(facts), on_(on), found_(found) {}

    void go() {
        switch (asked_.to.kind) {
        case target_kind::latest:
            reach_latest();
            break;
        case target_kind::time:
            reach_time();
            break;
        case target_kind::lsn:
            reach_lsn();
            break;
        case target_kind::xid:
        case target_kind::name:
            reach_unseen();
            break;
        case target_kind::immediate:
            take(newest_of(*on_.stretches.back()));
            found_.wal_to = backrest::parse_segment_name(found_.set->wal_stop.value_or(""));
            break;
        }
    }

  private:
    /// The set that was asked for, or the newest one of the stretch.
    [[nodiscard]] const backup_info& newest_of(const wal_stretch& part) const {
        return *on_.backup(facts_, asked_.set.value_or(part.backups.back()));
    }

    void refuse(reason why, std::string message, std::string hint) {
        found_.refusals.push_back({why, std::move(message), std::move(hint)});
    }

    void warn(std::string sentence) { found_.warnings.push_back(std::move(sentence)); }

    void take(const backup_info& set) { found_.set = set; }

    /// Whether nothing is missing between the stretch and the newest WAL.
    [[nodiscard]] bool ends_with_the_wal(const wal_stretch& part) const {
        return part.to_lsn >= on_.window->to_lsn;
    }

    /// Whether a server writes on behind the newest WAL in the repo.
    [[nodiscard]] bool is_written_on(const wal_stretch& part) const {
        return facts_.live() && facts_.live()->timeline == found_.timeline &&
               ends_with_the_wal(part);
    }

    void reach_latest() {
        const auto& part = *on_.stretches.back();
        take(newest_of(part));
        found_.wal_to = part.to_wal;
        if (!ends_with_the_wal(part)) {
            refuse(
                reason::commits_missing,
                fmt::format(
                    "WAL is missing behind {} ({}): recovery would end there without a word, and "
                    "leave out all that came later",
                    to_string(part.to_wal), rfc3339(from_seconds(part.to))),
                "choose that moment as the target, or acknowledge commits_missing");
        }
        if (is_written_on(part)) {
            warn("what the server wrote last goes into the repo first, before it is stopped");
        }
    }

    void reach_unseen() {
        const auto& part = *on_.stretches.back();
        take(newest_of(part));
        found_.wal_to = part.to_wal;
        warn(fmt::format(
            "where {} stands in the WAL shows only in the replay: should it lie before the end of "
            "backup '{}', or not in the WAL at all, the restore ends without a change",
            words(asked_.to), found_.set->label));
    }

    /// The newest set of the stretch that `fits`.
    template <class Fits>
    [[nodiscard]] const backup_info* newest_fitting(const wal_stretch& part, Fits fits) const {
        for (auto label = part.backups.rbegin(); label != part.backups.rend(); ++label) {
            const auto* const set = on_.backup(facts_, *label);
            if (set != nullptr && (!asked_.set || *asked_.set == *label) && fits(*set)) {
                return set;
            }
        }
        return nullptr;
    }

    void reach_time() {
        const auto wanted = asked_.to.time;
        const auto now = facts_.live() ? facts_.live()->now : facts_.now;
        if (wanted > now) {
            refuse(
                reason::target_in_future,
                fmt::format("{} lies in the future: it is {}", words(asked_.to), rfc3339(now)),
                "look at the zone; for all there is, ask for latest");
            return;
        }
        // A set ends within the second that info tells, so only the next one is surely behind it.
        const auto ended_before = [&](const backup_info& set) {
            return from_seconds(set.stop + 1) <= wanted;
        };
        if (refuse_behind_last_commit()) {
            return;
        }
        for (const auto* part : on_.stretches) {
            const auto* const set = newest_fitting(*part, ended_before);
            if (set != nullptr && wanted <= from_seconds(part->to)) {
                take(*set);
                found_.wal_to = part->to_wal;
                return;
            }
        }
        const auto& last = *on_.stretches.back();
        const auto* const set = newest_fitting(last, ended_before);
        if (set != nullptr && is_written_on(last)) {
            reach_unarchived_time(last, *set);
            return;
        }
        const auto* const first = first_set();
        refuse_unreached(
            wanted < from_seconds(first->stop + 1), set != nullptr && ends_with_the_wal(last),
            rfc3339(from_seconds(first->stop + 1)), rfc3339(from_seconds(last.to)));
    }

    /// Recovery ends at a time only when it finds a later commit (PostgreSQL, 20.5.5), else the
    /// server refuses to start.
    bool refuse_behind_last_commit() {
        if (!facts_.live() || facts_.live()->timeline != found_.timeline) {
            return false;
        }
        const auto commit = facts_.live()->last_commit;
        if (!commit) {
            warn(
                "whether a commit follows the target is not known (track_commit_timestamp is off): "
                "the replay tells, before the present cluster is touched");
            return false;
        }
        if (asked_.to.time < *commit) {
            return false;
        }
        refuse(
            reason::target_after_wal,
            fmt::format(
                "no commit follows {}: the last one was at {}", words(asked_.to),
                value_text({.kind = target_kind::time, .time = *commit})),
            "recovery ends at a time only when it finds a later commit; ask for latest");
        return true;
    }

    void reach_unarchived_time(const wal_stretch& last, const backup_info& set) {
        take(set);
        found_.wal_to = last.to_wal;
        found_.needs_server = true;
        warn("the WAL up to the target is not in the repo yet; it goes there first, and is looked "
             "at again before anything is stopped");
    }

    void reach_lsn() {
        const auto wanted = asked_.to.position;
        const auto ended_before = [&](const backup_info& set) {
            const auto stop = backrest::parse_lsn(set.lsn_stop.value_or(""));
            return stop && *stop <= wanted;
        };
        for (const auto* part : on_.stretches) {
            const auto* const set = newest_fitting(*part, ended_before);
            if (set != nullptr && wanted < part->to_lsn) {
                take(*set);
                found_.wal_to = segment_at(wanted);
                return;
            }
        }
        const auto& last = *on_.stretches.back();
        const auto* const set = newest_fitting(last, ended_before);
        if (set != nullptr && is_written_on(last) && wanted < facts_.live()->position) {
            take(*set);
            found_.wal_to = segment_at(wanted);
            found_.needs_server = true;
            warn("the WAL up to the target is not in the repo yet; it goes there first");
            return;
        }
        const auto first = backrest::parse_lsn(first_set()->lsn_stop.value_or(""));
        refuse_unreached(
            wanted < first.value_or(0), set != nullptr && ends_with_the_wal(last),
            backrest::lsn_text(first.value_or(0)), backrest::lsn_text(last.to_lsn));
    }

    [[nodiscard]] const backup_info* first_set() const {
        return on_.backup(facts_, asked_.set.value_or(on_.stretches.front()->backups.front()));
    }

    void refuse_unreached(bool before, bool after, const std::string& from, const std::string& to) {
        if (before) {
            refuse(
                reason::target_before_set,
                fmt::format(
                    "{} lies before the end of {}", words(asked_.to),
                    asked_.set ? fmt::format("backup '{}'", *asked_.set) : "the first backup"),
                "the first moment that can be restored to is " + from);
        } else if (after) {
            refuse(
                reason::target_after_wal,
                fmt::format("{} lies behind the newest WAL in the repo", words(asked_.to)),
                fmt::format("the WAL there is ends at {}; for all of it, ask for latest", to));
        } else {
            refuse(
                reason::target_in_gap,
                fmt::format("WAL on the way to {} is missing", words(asked_.to)),
                "GET /api/v1/stanzas/NAME/window shows the gaps, and what can be restored to");
        }
    }

    /// The segment that a position lies in, on the way to the timeline.
    [[nodiscard]] backrest::segment_name segment_at(backrest::lsn position) const {
        const auto& layout = on_.archive->window.size.layout;
        const auto number = layout.number_at(position);
        auto timeline = found_.timeline;
        for (const auto& leg : on_.window->way) {
            if (leg.begin <= number) {
                timeline = leg.timeline;
            }
        }
        return layout.name(timeline, number);
    }

    const plan_request& asked_;
    const plan_facts& facts_;
    const ground& on_;
    choice& found_;
};

} // namespace

const backup_info* ground::backup(const plan_facts& facts, std::string_view label) const {
    const auto& all = facts.stanza.backups;
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) {
        return one.label == label && one.repo == archive->of.repo &&
               one.database_id == archive->of.database_id;
    });
    return found == all.end() ? nullptr : &*found;
}

void reach_target(
    const plan_request& asked, const plan_facts& facts, const ground& on, choice& found) {
    reach(asked, facts, on, found).go();
}

} // namespace restpoint::restore
