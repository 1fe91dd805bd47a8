#include "backrest/timeline_history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <set>

namespace restpoint::backrest {

namespace {

constexpr std::string_view blanks = " \t\r";

/// The next word of `line`, which loses it.
std::string_view take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    const auto word = line.substr(0, line.find_first_of(blanks));
    line.remove_prefix(word.size());
    return word;
}

std::optional<timeline_switch> parse_switch(std::string_view line) {
    const auto number = take_word(line);
    std::uint32_t timeline = 0;
    const auto* const end = number.data() + number.size();
    const auto [stopped, error] = std::from_chars(number.data(), end, timeline);
    const auto at = parse_lsn(take_word(line));
    if (error != std::errc{} || stopped != end || timeline == 0 || !at) {
        return std::nullopt;
    }
    return timeline_switch{timeline, *at};
}

bool follows(const ancestry& so_far, const timeline_switch& next) {
    return so_far.empty() ||
           (next.timeline > so_far.back().timeline && next.at >= so_far.back().at);
}

failure refused(std::uint32_t timeline, std::size_t line, std::string_view why) {
    return {
        errc::invalid, fmt::format("line {} of {:08X}.history in the repo {}", line, timeline, why),
        "compare it with the file of that name in PostgreSQL's pg_wal"};
}

} // namespace

result<ancestry> parse_timeline_history(std::uint32_t timeline, std::string_view text) {
    ancestry read;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        const auto line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        const auto begin = line.find_first_not_of(blanks);
        if (begin == line.npos || line[begin] == '#') {
            continue;
        }
        const auto left = parse_switch(line);
        if (!left) {
            return refused(timeline, number, "is not a timeline and a position");
        }
        if (!follows(read, *left) || left->timeline >= timeline) {
            return refused(timeline, number, "goes back in time");
        }
        read.push_back(*left);
    }
    return read;
}

std::optional<ancestry> ancestry_of(std::uint32_t timeline, const timeline_histories& known) {
    if (const auto own = known.find(timeline); own != known.end()) {
        return own->second;
    }
    for (auto later = known.upper_bound(timeline); later != known.end(); ++later) {
        const auto& way = later->second;
        const auto through = std::lower_bound(
            way.begin(), way.end(), timeline,
            [](const timeline_switch& left, std::uint32_t wanted) {
                return left.timeline < wanted;
            });
        if (through != way.end() && through->timeline == timeline) {
            return ancestry(way.begin(), through);
        }
    }
    return timeline == 1 ? std::optional(ancestry{}) : std::nullopt;
}

segment_name segment_on_the_way(
    const ancestry& before, std::uint32_t timeline, const wal_layout& layout,
    std::uint64_t number) {
    const auto not_yet =
        std::find_if(before.begin(), before.end(), [&](const timeline_switch& left) {
            return layout.number_at(left.at) > number;
        });
    return layout.name(not_yet != before.end() ? not_yet->timeline : timeline, number);
}

std::vector<std::uint32_t> timelines_of(
    const archive_listing& listing, std::span<const std::uint32_t> of_backups, std::size_t most) {
    std::set<std::uint32_t, std::greater<>> all(of_backups.begin(), of_backups.end());
    std::optional<std::uint32_t> last;
    for (const auto& segment : listing.segments) {
        if (segment.name.timeline != last) {
            last = segment.name.timeline;
            all.insert(*last);
        }
    }
    for (const auto& history : listing.histories) {
        all.insert(history.timeline);
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(all.size(), most));
    return {all.begin(), std::next(all.begin(), count)};
}

std::optional<std::uint32_t> next_history(
    const archive_listing& listing, std::span<const std::uint32_t> timelines,
    const timeline_histories& known, std::span<const std::uint32_t> refused) {
    const auto is_there = [&](std::uint32_t timeline) {
        const auto at = std::lower_bound(
            listing.histories.begin(), listing.histories.end(), timeline,
            [](const archived_history& file, std::uint32_t wanted) {
                return file.timeline < wanted;
            });
        return at != listing.histories.end() && at->timeline == timeline;
    };
    const auto wanted = [&](std::uint32_t timeline) {
        return is_there(timeline) && !ancestry_of(timeline, known) &&
               std::find(refused.begin(), refused.end(), timeline) == refused.end();
    };
    const auto found = std::find_if(timelines.begin(), timelines.end(), wanted);
    return found != timelines.end() ? std::optional(*found) : std::nullopt;
}

} // namespace restpoint::backrest
