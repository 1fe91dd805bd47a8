// A view of a job's log: which lines, in which markup. Rendering is pure and line by line, so the
// view of a longer log begins with the view of a shorter one, and any stretch of whole lines can be
// rendered alone.
#pragma once

#include "backrest/log_line.hpp"

#include <string>
#include <string_view>

namespace restpoint::jobs {

enum class markup {
    raw,  ///< the bytes of the file, `minimum` is not looked at
    text, ///< the lines at or above the level, as they stand
    html  ///< the same, escaped, one <br/> a line, errors and warnings marked by a class
};

struct view {
    backrest::log_level minimum = backrest::log_level::info;
    markup form = markup::raw;

    friend auto operator<=>(const view&, const view&) = default;
};

/// Continuation lines follow the fate of their entry, which may stand in an earlier stretch.
struct render_state {
    bool showing = true;
};

/// Renders `lines` (whole lines, each with its '\n'; at the end of a finished log the last may lack
/// it).
[[nodiscard]] std::string render(const view& how, render_state& carried, std::string_view lines);

} // namespace restpoint::jobs
