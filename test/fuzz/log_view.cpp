// A job's log as people see it. The first byte of an input chooses the view, the second where the
// log is cut into parts.
#include "jobs/log_view.hpp"

#include "base/utf8.hpp"
#include "support/fuzz.hpp"

#include <array>
#include <functional>

namespace jobs = restpoint::jobs;

namespace {

constexpr std::size_t deciding_head = 512; ///< of a line, which may not be cut (jobs/log_view.hpp)
constexpr std::size_t longest_character =
    4; ///< a part holds one at least, or it could not be whole

constexpr jobs::line_form brackets{
    [](std::string& out) { out += '['; },
    [](std::string& out, std::string_view text) { out += text; },
    [](std::string& out, std::uint64_t offset) { out += "@" + std::to_string(offset) + "]\n"; },
    [](std::string& out, std::uint64_t offset) { out += "(" + std::to_string(offset) + ")\n"; }};

/// Where a part that begins at `at` may end, near `wish`.
std::size_t cut(std::string_view log, std::size_t at, std::size_t wish) {
    auto end = std::min(log.size(), at + wish);
    const auto line_end = log.rfind('\n', end - 1);
    const auto line = line_end == log.npos || line_end < at ? at : line_end + 1;
    const bool inside = at > 0 && log[at - 1] != '\n' && line == at;
    if (!inside && end - line < deciding_head) {
        const auto whole = std::min(log.find('\n', line), log.size() - 1) + 1;
        // A cut that avoids a character goes back from there, not into the head.
        end = std::max(end, std::min(whole, line + deciding_head + longest_character));
    }
    const auto sound = restpoint::whole_characters(log.substr(at, end - at));
    return sound == 0 || end == log.size() ? end : at + sound;
}

std::string render_in_parts(const jobs::view& how, std::string_view log, std::size_t wish) {
    jobs::render_state state;
    std::string out;
    for (std::size_t at = 0; at < log.size();) {
        const auto end = cut(log, at, wish);
        const auto part = log.substr(at, end - at);
        out += end == log.size() ? jobs::render(how, state, part, nullptr, at)
                                 : jobs::render_part(how, state, part, nullptr, at);
        at = end;
    }
    return out;
}

std::size_t remove_all(std::string& text, std::string_view what) {
    std::size_t count = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at)) {
        text.erase(at, what.size());
        ++count;
    }
    return count;
}

/// Nothing but our own tags, and as many of them closed as opened.
void check_html(std::string html, std::size_t shown) {
    demand(is_utf8(html), "a page is UTF-8");
    demand(remove_all(html, "<br/>\n") == shown, "every line that is shown has its end");
    std::size_t opened = 0;
    for (const std::string_view mark : {"error", "warn", "own", "detail"}) {
        opened += remove_all(html, "<span class=\"" + std::string(mark) + "\">");
    }
    demand(remove_all(html, "</span>") == opened, "every mark is closed");
    demand(html.find_first_of("<>\"'") == html.npos, "nothing of a log becomes markup");
}

/// What stands before a place is enough to go on from there, where it says so.
void check_find_state(const jobs::view& how, std::string_view log) {
    const auto middle = log.rfind('\n', log.size() / 2);
    if (middle == log.npos) {
        return;
    }
    const auto before = log.substr(0, middle + 1);
    jobs::render_state found;
    if (jobs::find_state(how, before, found)) {
        jobs::render_state carried;
        (void)jobs::render(how, carried, before);
        demand(found.showing == carried.showing, "the state found is the state carried");
    }
}

} // namespace

void probe(std::string_view input) {
    dispenser from(input);
    const auto choice = from.byte();
    const std::size_t wish = longest_character + from.byte();
    const jobs::view how{
        static_cast<restpoint::backrest::log_level>(choice % 6),
        static_cast<jobs::markup>(choice / 6 % 4), &brackets};
    const auto log = from.rest();

    jobs::render_state state;
    std::vector<jobs::line_start> starts;
    const auto whole = jobs::render(how, state, log, &starts);

    demand(!state.inside_line, "a log that has ended leaves no line open");
    demand(render_in_parts(how, log, wish) == whole, "parts make the same view as the whole");
    const auto rises = [](const jobs::line_start& a, const jobs::line_start& b) {
        return a.rendered < b.rendered && a.raw < b.raw;
    };
    demand(
        std::ranges::adjacent_find(starts, std::not_fn(rises)) == starts.end() &&
            (starts.empty() ||
             (starts.back().rendered < whole.size() && starts.back().raw < log.size())),
        "the lines begin one behind the other");
    if (how.form == jobs::markup::html) {
        check_html(whole, starts.size());
    } else if (how.form == jobs::markup::raw) {
        demand(whole == log, "raw is raw");
    } else if (how.form == jobs::markup::text) {
        demand(whole.size() <= log.size(), "a filter adds nothing");
    }
    if (how.form != jobs::markup::raw && !log.empty()) {
        check_find_state(how, log);
    }
}
