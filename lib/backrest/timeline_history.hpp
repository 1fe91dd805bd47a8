// Where timelines come from: the content of "00000003.history" as values, and the way from a
// timeline back to the first. Pure.
#pragma once

#include "backrest/archive_listing.hpp"
#include "backrest/wal_name.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace restpoint::backrest {

/// A line of a history file: `timeline` was left at `at` for the next one.
struct timeline_switch {
    std::uint32_t timeline = 0;
    lsn at = 0;

    friend bool operator==(const timeline_switch&, const timeline_switch&) = default;
};

/// The timelines before one, the first one first.
using ancestry = std::vector<timeline_switch>;

/// The history files that were read, by their timeline.
using timeline_histories = std::map<std::uint32_t, ancestry>;

/// The content of the history file of `timeline`: lines "PARENT <blank> LSN <blank> reason";
/// comments and empty lines are passed over (PostgreSQL, timeline.c, readTimeLineHistory). Fails
/// with `invalid` on anything else, on timelines that do not grow and positions that go back.
[[nodiscard]] result<ancestry> parse_timeline_history(
    std::uint32_t timeline, std::string_view text);

/// The way to `timeline`: from its own history, or from one that passes through it. Timeline 1 has
/// none before it. None: nobody knows.
[[nodiscard]] std::optional<ancestry> ancestry_of(
    std::uint32_t timeline, const timeline_histories& known);

/// Whose segment of that number recovery to the end of `timeline` needs, which comes from `before`:
/// of the timelines on the way the newest that had begun in it. Others may have written one of the
/// same number, on a branch that was left (PostgreSQL, xlogrecovery.c, XLogFileReadAnyTLI).
[[nodiscard]] segment_name segment_on_the_way(
    const ancestry& before, std::uint32_t timeline, const wal_layout& layout, std::uint64_t number);

/// The timelines that something lies in the repo of, the newest first, at most `most`.
[[nodiscard]] std::vector<std::uint32_t> timelines_of(
    const archive_listing& listing, std::span<const std::uint32_t> of_backups, std::size_t most);

/// The next history file worth reading: of the newest of `timelines` whose ancestry is not known
/// yet, and that has one in the repo. None when all that can be known is. `refused` were tried in
/// vain.
[[nodiscard]] std::optional<std::uint32_t> next_history(
    const archive_listing& listing, std::span<const std::uint32_t> timelines,
    const timeline_histories& known, std::span<const std::uint32_t> refused);

} // namespace restpoint::backrest
