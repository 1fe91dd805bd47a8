#include "schedule/occurrences.hpp"

#include "schedule/calendar_match.hpp"

#include <algorithm>

namespace restpoint::schedule {

namespace {

using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_seconds;

/// Whether a due time was skipped by the clock just before `stretch` begins.
bool skipped_before(const cron& what, const even_stretch& stretch) {
    const auto begin = stretch.local(stretch.begin);
    return stretch.new_from < begin && first_match(what, stretch.new_from, begin) < begin;
}

/// The first due time of `stretch` at `from` or after it; its end when there is none.
sys_seconds first_in(const cron& what, const even_stretch& stretch, sys_seconds from) {
    auto local = stretch.local(from);
    if (!follows_elapsed_time(what)) {
        if (from == stretch.begin && skipped_before(what, stretch)) {
            return from;
        }
        local = std::max(local, stretch.new_from);
    }
    const auto end = stretch.local(stretch.end);
    return local < end ? stretch.instant(std::min(first_match(what, local, end), end))
                       : stretch.end;
}

wall_time later(wall_time when, std::chrono::hours by) {
    return when > wall_time::max() - by ? wall_time::max() : when + by;
}

} // namespace

std::optional<wall_time> next_run(const cron& what, const clocks& zone, wall_time after) {
    const auto& all = zone.stretches();
    auto from = std::chrono::floor<seconds>(after) + seconds{1};
    if (from >= all.back().end) {
        return std::nullopt;
    }
    for (auto at = zone.stretch_at(from); at < all.size(); ++at) {
        from = std::max(from, all[at].begin);
        const auto found = first_in(what, all[at], from);
        if (found < all[at].end) {
            return found;
        }
    }
    return std::nullopt;
}

std::optional<wall_time> last_run(
    const cron& what, const clocks& zone, wall_time after, wall_time until) {
    // Backwards in steps that double, until one holds a run: there are few of them behind it.
    std::optional<wall_time> newest;
    for (std::chrono::hours step{1}; !newest; step *= 2) {
        const auto from = later(after, step) >= until ? after : until - step;
        for (auto due = next_run(what, zone, from); due && *due <= until;
             due = next_run(what, zone, *due)) {
            newest = due;
        }
        if (from == after) {
            break;
        }
    }
    return newest;
}

minutes smallest_distance(const cron& what) {
    using std::chrono::days;
    using std::chrono::duration_cast;
    // The calendar repeats itself after 28 years, but for three days in four centuries.
    const local_days begin{std::chrono::year{2000} / 1 / 1};
    const auto end = begin + days{28 * 366};
    const auto first = first_match(what, begin, end);
    const auto midnight = std::chrono::floor<days>(first) + days{1};
    auto smallest = minutes::max();
    auto latest = first;
    for (auto next = first_match(what, first + minutes{1}, midnight); next < midnight;
         next = first_match(what, latest + minutes{1}, midnight)) {
        smallest = std::min(smallest, duration_cast<minutes>(next - latest));
        latest = next;
    }
    // Every matching day has the same times.
    const auto span = latest - first;
    for (auto earlier = first; smallest > minutes{1};) {
        const auto tomorrow = std::chrono::floor<days>(earlier) + days{1};
        const auto next = first_match(what, tomorrow, end);
        if (next >= end) {
            break;
        }
        smallest = std::min(smallest, duration_cast<minutes>(next - earlier - span));
        earlier = next;
    }
    return smallest;
}

} // namespace restpoint::schedule
