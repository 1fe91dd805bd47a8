#include "backrest/wal_runs.hpp"

#include <algorithm>
#include <iterator>

namespace restpoint::backrest {

namespace {

/// The first run that ends at `number` or behind it.
wal_runs::const_iterator first_reaching(const wal_runs& runs, std::uint64_t number) {
    return std::lower_bound(
        runs.begin(), runs.end(), number,
        [](const wal_run& run, std::uint64_t wanted) { return run.last < wanted; });
}

} // namespace

archive_runs find_runs(std::span<const archived_segment> segments, const wal_layout& layout) {
    archive_runs found;
    wal_runs* open = nullptr;
    std::uint32_t timeline = 0; // which no segment has
    for (const auto& segment : segments) {
        const auto number = layout.number(segment.name);
        if (!number) {
            ++found.misfits;
            continue;
        }
        if (segment.name.timeline != timeline) {
            timeline = segment.name.timeline;
            open = &found.of_timeline[timeline];
        }
        if (!open->empty() && open->back().last + 1 == *number) {
            open->back().last = *number;
        } else {
            open->push_back({*number, *number});
        }
    }
    return found;
}

void append_within(wal_runs& to, const wal_runs& from, std::uint64_t first, std::uint64_t last) {
    for (auto run = first_reaching(from, first); run != from.end() && run->first <= last; ++run) {
        const wal_run part{std::max(run->first, first), std::min(run->last, last)};
        if (!to.empty() && to.back().last + 1 == part.first) {
            to.back().last = part.last;
        } else {
            to.push_back(part);
        }
    }
}

wal_runs complement(const wal_runs& runs, std::uint64_t first, std::uint64_t last) {
    wal_runs missing;
    auto next = first;
    for (const auto& run : runs) {
        if (run.first > next) {
            missing.push_back({next, run.first - 1});
        }
        next = run.last + 1;
    }
    if (next <= last) {
        missing.push_back({next, last});
    }
    return missing;
}

wal_runs::const_iterator covering(const wal_runs& runs, std::uint64_t first, std::uint64_t last) {
    const auto found = first_reaching(runs, first);
    return found != runs.end() && found->first <= first && found->last >= last ? found : runs.end();
}

} // namespace restpoint::backrest
