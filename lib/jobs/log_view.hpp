// A view of a job's log: which lines, in which markup. Rendering is pure and line by line, so the
// view of a longer log begins with the view of a shorter one, and any stretch of whole lines can be
// rendered alone.
#pragma once

#include "backrest/log_line.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::jobs {

enum class markup {
    raw,   ///< the bytes of the file, `minimum` is not looked at
    text,  ///< the lines at or above the level, as they stand
    html,  ///< the same, escaped, one <br/> a line, errors and warnings marked by a class
    custom ///< as the view's own form says
};

/// How lines are written for whom jobs does not know: a line may come in several parts. Functions
/// of their arguments alone, called on any thread; the object outlives the log hub.
struct line_form {
    void (*begin)(std::string& out);
    void (*part)(std::string& out, std::string_view text); ///< without the line's end
    void (*end)(std::string& out, std::uint64_t offset);   ///< in the raw log, behind the line
    /// Where lines are left out: at least behind every line that crosses a `mark_every`.
    void (*mark)(std::string& out, std::uint64_t offset);
};

/// Bytes of the raw log.
inline constexpr std::uint64_t mark_every = 16U << 10U;

struct view {
    backrest::log_level minimum = backrest::log_level::info;
    markup form = markup::raw;
    const line_form* custom = nullptr; ///< set for markup::custom

    friend auto operator<=>(const view&, const view&) = default;
};

/// What a line is, for those who look: the class of its span in HTML.
enum class line_mark : std::uint8_t { plain, error, warn, own, detail };

/// What a stretch must know of those before it. Continuation lines follow the fate of their entry,
/// which may stand in an earlier stretch; a line too long for one stretch goes on in the next.
struct render_state {
    bool showing = true;
    bool inside_line = false;
    bool crossed = false;              ///< the line we are inside has crossed a mark
    line_mark mark = line_mark::plain; ///< of the line we are inside

    friend auto operator<=>(const render_state&, const render_state&) = default;
};

/// Where a shown line begins, in the rendered bytes and in the raw ones they came from.
struct line_start {
    std::uint32_t rendered = 0;
    std::uint32_t raw = 0;
};

/// Renders `lines` (whole lines, each with its '\n'; at the end of a finished log the last may lack
/// it), which stand at `offset` in the raw log.
[[nodiscard]] std::string render(
    const view& how, render_state& carried, std::string_view lines,
    std::vector<line_start>* starts = nullptr, std::uint64_t offset = 0);

/// As render(), but a last line without '\n' stays open: the next part continues it. However a log
/// is cut into parts, at places where whole_characters() agrees, together they are what render()
/// makes of the whole. The first 512 bytes of a line must not be cut, since they decide its fate.
[[nodiscard]] std::string render_part(
    const view& how, render_state& carried, std::string_view part,
    std::vector<line_start>* starts = nullptr, std::uint64_t offset = 0);

/// The state behind `before`, lines that end where a reader begins: none when they do not hold the
/// entry that decides it.
[[nodiscard]] bool find_state(const view& how, std::string_view before, render_state& found);

} // namespace restpoint::jobs
