#include "backrest/wal_window.hpp"

#include "backrest/wal_runs.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace restpoint::backrest {

namespace {

constexpr auto endless = std::numeric_limits<std::uint64_t>::max();

/// A timeline's part of the way: the segments [begin, end) are its own.
struct leg {
    std::uint32_t timeline = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = endless;
    lsn left_at = std::numeric_limits<lsn>::max();
};

/// A backup with its segments as numbers.
struct numbered {
    const base_backup* backup = nullptr;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

/// What does not change from timeline to timeline.
struct archive {
    const archive_listing& listing;
    const archive_runs& runs;
    const timeline_histories& histories;
    std::span<const base_backup> backups;
    wal_layout layout;
    window_limits limits;

    [[nodiscard]] const wal_runs& runs_of(std::uint32_t timeline) const {
        static const wal_runs none;
        const auto found = runs.of_timeline.find(timeline);
        return found == runs.of_timeline.end() ? none : found->second;
    }

    /// When a segment came into the repo; 0 for one that is not there.
    [[nodiscard]] std::int64_t time_of(const segment_name& name) const {
        const auto found = std::lower_bound(
            listing.segments.begin(), listing.segments.end(), name,
            [](const auto& segment, const auto& wanted) { return segment.name < wanted; });
        return found != listing.segments.end() && found->name == name ? found->time : 0;
    }
};

std::vector<leg> legs_of(std::uint32_t timeline, const ancestry& before, const wal_layout& layout) {
    std::vector<leg> way;
    way.reserve(before.size() + 1);
    std::uint64_t begin = 0;
    for (const auto& left : before) {
        const auto end = layout.number_at(left.at);
        way.push_back({left.timeline, begin, end, left.at});
        begin = end;
    }
    way.push_back({.timeline = timeline, .begin = begin});
    return way;
}

/// The walk of one timeline.
class walk {
  public:
    walk(const archive& in, std::uint32_t timeline) : in_(in) {
        told_.timeline = timeline;
        const auto before = ancestry_of(timeline, in.histories);
        told_.ancestry_known = before.has_value();
        way_ = legs_of(timeline, before.value_or(ancestry{}), in.layout);
        for (const auto& part : way_) {
            told_.way.push_back({part.timeline, part.begin});
        }
        if (way_.size() > 1) {
            told_.parent = way_[way_.size() - 2].timeline;
        }
    }

    [[nodiscard]] timeline_window go() && {
        find_backups();
        const auto newest = newest_segment();
        if (newest) {
            told_.to_wal = name(*newest);
            told_.to = in_.time_of(*told_.to_wal);
            told_.to_lsn = in_.layout.end_of(*newest);
        }
        if (backups_.empty()) {
            return std::move(told_);
        }
        const auto& oldest = backups_.front();
        told_.from_wal = oldest.backup->wal_start;
        told_.from = oldest.backup->stop_time;
        told_.from_lsn = oldest.backup->stop;
        cover(oldest.first, last_needed(newest));
        return std::move(told_);
    }

  private:
    [[nodiscard]] const leg& leg_at(std::uint64_t number) const {
        // The last one that begins there or before: legs without a segment stand in front of it.
        const auto behind = std::upper_bound(
            way_.begin(), way_.end(), number,
            [](std::uint64_t wanted, const leg& part) { return wanted < part.begin; });
        return *std::prev(behind);
    }

    [[nodiscard]] segment_name name(std::uint64_t number) const {
        return in_.layout.name(leg_at(number).timeline, number);
    }

    /// The backups that lead to this timeline, the one that begins first in front.
    void find_backups() {
        for (const auto& backup : in_.backups) {
            const auto part = std::lower_bound(
                way_.begin(), way_.end(), backup.wal_start.timeline,
                [](const leg& one, std::uint32_t wanted) { return one.timeline < wanted; });
            const auto first = in_.layout.number(backup.wal_start);
            const auto last = in_.layout.number(backup.wal_stop);
            if (part != way_.end() && part->timeline == backup.wal_start.timeline && first &&
                last && *first >= part->begin && *last >= *first &&
                is_before_switch(backup, *last, *part)) {
                backups_.push_back({&backup, *first, *last});
            }
        }
        std::sort(backups_.begin(), backups_.end(), [](const auto& a, const auto& b) {
            return std::pair(a.first, a.backup->stop) < std::pair(b.first, b.backup->stop);
        });
    }

    /// A backup that ended behind the switch belongs to the branch that was left.
    static bool is_before_switch(const base_backup& backup, std::uint64_t last, const leg& part) {
        return backup.stop != 0 ? backup.stop <= part.left_at : last < part.end;
    }

    /// Of this timeline; before it has one, the last of its parent that counts.
    [[nodiscard]] std::optional<std::uint64_t> newest_segment() const {
        for (auto part = way_.rbegin(); part != way_.rend(); ++part) {
            wal_runs own;
            if (part->end > part->begin) {
                append_within(own, in_.runs_of(part->timeline), part->begin, part->end - 1);
            }
            if (!own.empty()) {
                return own.back().last;
            }
        }
        return std::nullopt;
    }

    /// Up to the switch the parents' segments are needed even when this timeline has none yet.
    [[nodiscard]] std::uint64_t last_needed(std::optional<std::uint64_t> newest) const {
        auto last = newest.value_or(0);
        if (way_.back().begin > 0) {
            last = std::max(last, way_.back().begin - 1);
        }
        for (const auto& backup : backups_) {
            last = std::max(last, backup.last);
        }
        return last;
    }

    void cover(std::uint64_t first, std::uint64_t last) {
        wal_runs there;
        for (const auto& part : way_) {
            if (part.end > part.begin && part.end > first && part.begin <= last) {
                append_within(
                    there, in_.runs_of(part.timeline), std::max(part.begin, first),
                    std::min(part.end - 1, last));
            }
        }
        note_gaps(there, first, last);
        note_stretches(there);
    }

    void note_gaps(const wal_runs& there, std::uint64_t first, std::uint64_t last) {
        for (const auto& hole : complement(there, first, last)) {
            ++told_.gap_count;
            const auto count = hole.last - hole.first + 1;
            told_.missing_count += count;
            if (told_.gaps.size() == in_.limits.gaps) {
                continue;
            }
            told_.gaps.push_back({name(hole.first), name(hole.last), count, {}, {}, 0});
            if (hole.first > first) {
                told_.gaps.back().after = name(hole.first - 1);
            }
            if (hole.last < last) {
                told_.gaps.back().before = name(hole.last + 1);
                told_.gaps.back().before_time = in_.time_of(name(hole.last + 1));
            }
        }
    }

    void note_stretches(const wal_runs& there) {
        std::optional<std::uint64_t> told_of; // where the last stretch begins
        for (const auto& backup : backups_) {
            const auto run = covering(there, backup.first, backup.last);
            if (run == there.end()) {
                told_.incomplete.push_back(backup.backup->label);
                continue;
            }
            if (told_of != run->first) {
                told_of = run->first;
                const auto last = name(run->last);
                told_.restorable.push_back(
                    {backup.backup->label, backup.backup->stop_time, in_.time_of(last),
                     backup.backup->stop, in_.layout.end_of(run->last), backup.backup->wal_start,
                     last});
            }
            told_.restorable.back().backups.push_back(backup.backup->label);
        }
    }

    const archive& in_;
    std::vector<leg> way_ = {};
    std::vector<numbered> backups_ = {};
    timeline_window told_ = {};
};

} // namespace

std::vector<base_backup> base_backups(std::span<const backup_info> all) {
    std::vector<base_backup> online;
    for (const auto& one : all) {
        const auto start = one.wal_start ? parse_segment_name(*one.wal_start) : std::nullopt;
        const auto stop = one.wal_stop ? parse_segment_name(*one.wal_stop) : std::nullopt;
        if (start && stop) {
            const auto at = one.lsn_stop ? parse_lsn(*one.lsn_stop) : std::nullopt;
            online.push_back({one.label, *start, *stop, at.value_or(0), one.stop});
        }
    }
    return online;
}

std::vector<std::uint32_t> walked_timelines(
    const archive_listing& listing, std::span<const base_backup> backups, window_limits limits) {
    std::vector<std::uint32_t> of_backups;
    of_backups.reserve(backups.size());
    for (const auto& backup : backups) {
        of_backups.push_back(backup.wal_start.timeline);
    }
    return timelines_of(listing, of_backups, limits.timelines);
}

archive_window find_window(
    const archive_listing& listing, const timeline_histories& histories,
    std::span<const base_backup> backups, segment_size size, window_limits limits) {
    const auto runs = find_runs(listing.segments, size.layout);
    const archive in{listing, runs, histories, backups, size.layout, limits};
    archive_window found;
    found.size = size;
    found.duplicates = listing.duplicates;
    found.empty = listing.empty;
    found.bytes = listing.bytes;
    found.misfits = runs.misfits;
    auto timelines = walked_timelines(listing, backups, limits);
    std::reverse(timelines.begin(), timelines.end());
    for (const auto timeline : timelines) {
        found.timelines.push_back(walk(in, timeline).go());
    }
    return found;
}

} // namespace restpoint::backrest
