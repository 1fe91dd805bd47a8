#include "client/window.hpp"

#include "client/json_members.hpp"
#include "client/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace json = boost::json;

namespace restpoint::client {
namespace {

missing_wal gap_of(const json::object& from) {
    return {
        text_in(from, "first_missing"), text_in(from, "last_missing"), number_in(from, "segments")};
}

restorable_stretch stretch_of(const json::object& from) {
    return {text_in(from, "backup"), text_in(from, "from"), text_in(from, "to")};
}

timeline timeline_of(const json::object& from) {
    timeline made;
    made.number = number_in(from, "timeline");
    made.repo = number_in(from, "repo");
    made.archive = text_in(from, "archive_id");
    made.from = text_in(from, "from");
    made.to = text_in(from, "to");
    made.from_wal = text_in(from, "from_wal");
    made.to_wal = text_in(from, "to_wal");
    for (const auto& one : objects_in(from, "gaps")) {
        made.gaps.push_back(gap_of(one));
    }
    made.gap_count = number_in(from, "gap_count").value_or(made.gaps.size());
    made.missing_segments = number_in(from, "missing_segments").value_or(0);
    for (const auto& one : objects_in(from, "restorable")) {
        made.restorable.push_back(stretch_of(one));
    }
    made.incomplete_backups = texts_in(from, "incomplete_backups");
    return made;
}

/// "1 gap", "2 gaps".
std::string counted(std::uint64_t count, std::string_view thing) {
    return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string number_or_unknown(const std::optional<std::uint64_t>& number) {
    return number ? std::to_string(*number) : "?";
}

class page {
  public:
    void line(std::string_view name, std::string_view value) {
        text += fmt::format("  {:<9} {}\n", name, value);
    }

    /// An end of the timeline: when, and in which segment.
    void end(std::string_view name, const std::string& when, const std::string& wal) {
        if (!when.empty() || !wal.empty()) {
            line(name, fmt::format("{}{}{}", time_words(when), when.empty() ? "" : "  ", wal));
        }
    }

    std::string text = {};
};

std::string gap_words(const missing_wal& gap) {
    if (gap.first == gap.last) {
        return gap.first;
    }
    const auto much =
        gap.segments ? fmt::format(" ({})", counted(*gap.segments, "segment")) : std::string();
    return fmt::format("{} to {}{}", gap.first, gap.last, much);
}

void add_gaps(page& to, const timeline& of) {
    constexpr std::size_t most = 10; // who wants all of them asks for JSON
    const auto shown = std::min(of.gaps.size(), most);
    for (std::size_t i = 0; i < shown; ++i) {
        to.line("missing", "WAL " + gap_words(of.gaps[i]));
    }
    if (of.gap_count > shown) {
        to.line("missing", fmt::format("and {}", counted(of.gap_count - shown, "more gap")));
    }
}

std::string timeline_words(const timeline& of) {
    page made;
    made.text = fmt::format(
        "timeline {} in repo {}, archive {}\n", number_or_unknown(of.number),
        number_or_unknown(of.repo), of.archive);
    made.end("from", of.from, of.from_wal);
    made.end("to", of.to, of.to_wal);
    add_gaps(made, of);
    for (const auto& label : of.incomplete_backups) {
        made.line("broken", label + " lacks WAL that it needs");
    }
    for (const auto& one : of.restorable) {
        made.line(
            "restore", fmt::format(
                           "any time from {} to {}, from {} on", time_words(one.from),
                           time_words(one.to), one.backup));
    }
    if (of.restorable.empty()) {
        made.line("restore", "nothing: no backup leads here with all of its WAL");
    }
    return made.text;
}

/// All timelines together.
struct total {
    std::uint64_t gaps = 0;
    std::uint64_t missing = 0;
    std::uint64_t broken = 0;
    bool restorable = false;
};

total total_of(const restore_window& what) {
    total all;
    for (const auto& one : what.timelines) {
        all.gaps += one.gap_count;
        all.missing += one.missing_segments;
        all.broken += one.incomplete_backups.size();
        all.restorable = all.restorable || !one.restorable.empty();
    }
    return all;
}

std::string verdict(const restore_window& what) {
    const auto all = total_of(what);
    if (!all.restorable) {
        return what.unseen.empty() ? "nothing can be restored" : "what can be restored is unknown";
    }
    std::string said;
    if (all.gaps > 0) {
        said = fmt::format(
            "{}, {} missing: what lies in and behind a gap can be restored only from a backup "
            "behind it",
            counted(all.gaps, "gap"), counted(all.missing, "WAL segment"));
    }
    if (all.broken > 0) {
        said += fmt::format(
            "{}{} cannot be restored", said.empty() ? "" : "; ", counted(all.broken, "backup"));
    }
    if (!said.empty()) {
        return said;
    }
    return what.unseen.empty() ? "no gap: every moment in the window can be restored"
                               : "no gap in what could be looked at";
}

} // namespace

result<restore_window> parse_window(std::string_view json) {
    const auto from = parse_object(json, "window");
    if (!from) {
        return from.error();
    }
    if (from->if_contains("timelines") == nullptr) {
        return strange_answer("window");
    }
    restore_window made;
    for (const auto& one : objects_in(*from, "timelines")) {
        made.timelines.push_back(timeline_of(one));
    }
    for (const auto& one : objects_in(*from, "archives")) {
        if (auto why = text_in(one, "error"); !why.empty()) {
            made.unseen.push_back({number_in(one, "repo"), std::move(why)});
        }
    }
    made.taken = text_in(*from, "taken");
    made.stale = is_true_in(*from, "stale");
    return made;
}

bool is_whole(const restore_window& what) {
    const auto all = total_of(what);
    return all.restorable && all.gaps == 0 && all.broken == 0 && what.unseen.empty();
}

std::string window_words(const restore_window& what, std::string_view stanza) {
    std::string text;
    for (const auto& one : what.timelines) {
        text += timeline_words(one);
    }
    for (const auto& one : what.unseen) {
        text += fmt::format(
            "the archive in repo {} could not be looked at: {}\n", number_or_unknown(one.repo),
            one.why);
    }
    if (what.stale) {
        text += fmt::format(
            "this is how it was at {}: the repo could not be looked at since\n",
            time_words(what.taken));
    }
    return text + fmt::format("{}: {}\n", stanza, verdict(what));
}

} // namespace restpoint::client
