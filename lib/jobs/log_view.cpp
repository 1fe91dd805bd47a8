#include "jobs/log_view.hpp"

#include "base/escape_html.hpp"

#include <algorithm>

namespace restpoint::jobs {

namespace {

using form = backrest::log_line::form;

/// Time, process, level and code stand well within it; a message may be a megabyte.
constexpr std::size_t deciding_head = 512;

constexpr std::string_view opening(line_mark mark) {
    switch (mark) {
    case line_mark::plain:
        break;
    case line_mark::error:
        return "<span class=\"error\">";
    case line_mark::warn:
        return "<span class=\"warn\">";
    case line_mark::own:
        return "<span class=\"own\">";
    case line_mark::detail:
        return "<span class=\"detail\">";
    }
    return {};
}

constexpr std::string_view closing(line_mark mark) {
    return mark == line_mark::plain ? "<br/>\n" : "</span><br/>\n";
}

line_mark mark_of(const backrest::log_line& line, backrest::log_level level) {
    using enum backrest::log_level;
    if (level == error) {
        return line_mark::error;
    }
    if (level == warn) {
        return line_mark::warn;
    }
    if (line.process == backrest::own_process) {
        return line_mark::own;
    }
    return level >= detail ? line_mark::detail : line_mark::plain;
}

/// `line` is its first bytes at least, with or without its end.
void begin_line(const view& how, render_state& state, std::string_view line) {
    auto head = line.substr(0, deciding_head);
    if (head.ends_with('\n')) {
        head.remove_suffix(1);
    }
    const auto parsed = backrest::parse_log_line(head);
    state.mark = line_mark::plain;
    switch (parsed.what) {
    case form::continuation:
        return;
    case form::foreign:
        state.showing = true;
        return;
    case form::entry:
    case form::bare:
        const auto level = parsed.level.value_or(backrest::log_level::error);
        state.showing = level <= how.minimum;
        state.mark = mark_of(parsed, level);
    }
}

void append_custom(
    const line_form& form, const render_state& state, std::string_view line, std::uint64_t offset,
    std::string& out) {
    const bool ends = line.ends_with('\n');
    if (!state.inside_line) {
        form.begin(out);
    }
    form.part(out, line.substr(0, line.size() - (ends ? 1 : 0)));
    if (ends) {
        form.end(out, offset + line.size());
    }
}

/// A line that is left out, or a part of it.
void pass_over(
    const view& how, render_state& state, std::string_view line, std::uint64_t offset,
    std::string& out) {
    if (how.form != markup::custom) {
        return;
    }
    const auto end = offset + line.size();
    const bool crossed = state.crossed || offset / mark_every != end / mark_every;
    const bool ends = line.ends_with('\n');
    state.crossed = crossed && !ends;
    if (crossed && ends) {
        how.custom->mark(out, end);
    }
}

void append_line(
    const view& how, const render_state& state, std::string_view line, std::uint64_t offset,
    std::string& out) {
    if (how.form == markup::text) {
        out += line;
        return;
    }
    if (how.form == markup::custom) {
        append_custom(*how.custom, state, line, offset, out);
        return;
    }
    const bool ends = line.ends_with('\n');
    if (ends) {
        line.remove_suffix(1);
    }
    if (!state.inside_line) {
        out += opening(state.mark);
    }
    append_html(out, line);
    if (ends) {
        out += closing(state.mark);
    }
}

} // namespace

std::string render_part(
    const view& how, render_state& carried, std::string_view part, std::vector<line_start>* starts,
    std::uint64_t offset) {
    if (how.form == markup::raw) {
        return std::string(part);
    }
    std::string out;
    out.reserve(part.size() + part.size() / 8);
    for (std::size_t at = 0; at < part.size();) {
        const auto end = std::min(part.find('\n', at), part.size() - 1) + 1;
        const auto line = part.substr(at, end - at);
        if (!carried.inside_line) {
            begin_line(how, carried, line);
        }
        if (carried.showing) {
            if (starts != nullptr && !carried.inside_line) {
                starts->push_back(
                    {static_cast<std::uint32_t>(out.size()), static_cast<std::uint32_t>(at)});
            }
            append_line(how, carried, line, offset + at, out);
        } else {
            pass_over(how, carried, line, offset + at, out);
        }
        carried.inside_line = !line.ends_with('\n');
        at = end;
    }
    return out;
}

std::string render(
    const view& how, render_state& carried, std::string_view lines, std::vector<line_start>* starts,
    std::uint64_t offset) {
    auto out = render_part(how, carried, lines, starts, offset);
    if (carried.inside_line) {
        if (how.form == markup::html && carried.showing) {
            out += closing(carried.mark);
        }
        if (how.form == markup::custom && carried.showing) {
            how.custom->end(out, offset + lines.size());
        }
        carried.inside_line = false;
        carried.crossed = false;
    }
    return out;
}

bool find_state(const view& how, std::string_view before, render_state& found) {
    while (before.size() > 1) {
        // The first line of what we were given may lack its beginning.
        const auto line_break = before.rfind('\n', before.size() - 2);
        if (line_break == std::string_view::npos) {
            return false;
        }
        const auto line = before.substr(line_break + 1);
        const auto head = line.substr(0, std::min(deciding_head, line.size() - 1));
        if (backrest::parse_log_line(head).what != form::continuation) {
            begin_line(how, found, line);
            return true;
        }
        before = before.substr(0, line_break + 1);
    }
    return false;
}

} // namespace restpoint::jobs
