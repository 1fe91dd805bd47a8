// The listing of an archive and the walk over it. The first line of an input says how large a segment
// is and what the history of timeline 2 says; the rest is the listing.
#include "backrest/segment_size.hpp"
#include "backrest/timeline_history.hpp"
#include "backrest/wal_window.hpp"
#include "support/fuzz.hpp"

namespace backrest = restpoint::backrest;

namespace {

/// Tabs and line ends cannot stand in the first line.
std::string history_text(std::string_view line) {
    std::string text(line);
    std::replace(text.begin(), text.end(), '_', '\t');
    std::replace(text.begin(), text.end(), '|', '\n');
    return text;
}

void check_listing(const backrest::archive_listing& listing) {
    const auto& segments = listing.segments;
    for (std::size_t i = 1; i < segments.size(); ++i) {
        demand(segments[i - 1].name < segments[i].name, "segments are sorted, each once");
    }
    for (const auto& segment : segments) {
        const auto text = to_string(segment.name);
        demand(backrest::parse_segment_name(text) == segment.name, "a name is read as written");
    }
    demand(listing.duplicates.size() <= segments.size(), "a duplicate is a segment");
}

void check_timeline(const backrest::timeline_window& told) {
    demand(told.gaps.size() <= told.gap_count, "no gap is told that is not counted");
    demand(told.gap_count <= told.missing_count, "a gap has a segment");
    std::uint64_t in_detail = 0;
    for (const auto& gap : told.gaps) {
        demand(gap.count > 0 && gap.first_missing <= gap.last_missing, "a gap goes forward");
        demand(!gap.after || *gap.after < gap.first_missing, "a gap is behind what is before it");
        demand(!gap.before || gap.last_missing < *gap.before, "a gap is before what is behind it");
        in_detail += gap.count;
    }
    demand(
        told.gaps.size() < told.gap_count || in_detail == told.missing_count,
        "the gaps are what is missing");
    demand(told.restorable.empty() || told.from_wal, "what is restorable has a backup");
    for (const auto& one : told.restorable) {
        demand(one.from_wal <= one.to_wal, "a stretch goes forward");
    }
}

} // namespace

void probe(std::string_view input) {
    dispenser from(input);
    const auto size = backrest::wal_layout::of(1ULL << (20U + from.byte() % 11U)).value();
    const auto history = backrest::parse_timeline_history(2, history_text(from.line()));
    if (!history) {
        demand_readable(history.error());
    }
    const auto listing = backrest::parse_archive_listing(from.rest());
    if (!listing) {
        demand(listing.error().code == restpoint::errc::invalid, "what is no listing is invalid");
        demand_readable(listing.error());
        return;
    }
    check_listing(*listing);

    backrest::timeline_histories histories;
    if (history) {
        histories[2] = *history;
    }
    std::vector<backrest::base_backup> backups;
    for (const auto& segment : listing->segments) {
        const auto end = size.number(segment.name).value_or(0) * size.segment_bytes() + 1;
        backups.push_back({"A", segment.name, segment.name, end, segment.time});
    }
    const auto found = backrest::find_window(*listing, histories, backups, {size, {}}, {.gaps = 5});
    demand(found.misfits <= listing->segments.size(), "only names can be strange");
    for (const auto& timeline : found.timelines) {
        check_timeline(timeline);
        // Of one in the segment of a switch the child's file is needed.
        demand(
            timeline.parent || timeline.incomplete.empty(),
            "a backup of one segment that is there is complete");
    }
    const auto learned = backrest::learn_segment_size(*listing, {}, size.segment_bytes());
    demand(
        backrest::wal_layout::of(learned.layout.segment_bytes()).has_value(),
        "a size that was learned is a size");
}
