#include "restore/recovery_settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace restpoint::restore {
namespace {

constexpr std::string_view block_begin = "# restpoint: this recovery";
constexpr std::string_view block_end = "# restpoint: end of it";

/// Of one cluster at most one may be set, or PostgreSQL does not start (20.5.5 Recovery Target).
constexpr std::array<std::string_view, 5> targets{
    "recovery_target", "recovery_target_name", "recovery_target_time", "recovery_target_xid",
    "recovery_target_lsn"};

constexpr int archive_library_since = 15;

/// The name that a line of the file sets; empty for a comment.
std::string_view name_in(std::string_view line) {
    const auto begin = line.find_first_not_of(" \t");
    if (begin == line.npos) {
        return {};
    }
    line.remove_prefix(begin);
    return line.substr(0, line.find_first_of(" \t="));
}

std::string setting(std::string_view name, std::string_view value) {
    return fmt::format("{} = {}", name, quoted_setting(value));
}

/// None for the latest, which is no target.
std::string target_setting(const target& to) {
    switch (to.kind) {
    case target_kind::latest:
        return {};
    case target_kind::immediate:
        return "recovery_target";
    case target_kind::time:
    case target_kind::lsn:
    case target_kind::xid:
    case target_kind::name:
        break;
    }
    return fmt::format("recovery_target_{}", to_string(to.kind));
}

/// Of the others the configuration may still have one, of an earlier recovery or an operator's: taken
/// back first, since PostgreSQL refuses a second one as it reads it.
void add_target(std::vector<std::string>& lines, const recovery& what) {
    const auto ours = target_setting(what.to);
    for (const auto name : targets) {
        if (name != ours) {
            lines.push_back(setting(name, ""));
        }
    }
    if (ours.empty()) {
        return;
    }
    const bool at_once = what.to.kind == target_kind::immediate;
    lines.push_back(setting(ours, at_once ? "immediate" : option_text(what.to)));
    const bool pauses = what.then == at_the_end::pause;
    lines.push_back(setting("recovery_target_action", pauses ? "pause" : "promote"));
    lines.push_back(setting("recovery_target_inclusive", "true"));
}

/// Without their ends.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string in_shell(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\' || c == '$' || c == '`') {
            out += '\\';
        }
        out += c;
        if (c == '%') {
            out += '%'; // PostgreSQL's own sign in restore_command
        }
    }
    return out + '"';
}

std::string restore_command(const backrest::invocation& how, const recovery& what) {
    return fmt::format(
        "{} {} {} {} --repo={} archive-get %f \"%p\"", in_shell(how.binary),
        in_shell("--config=" + how.config.native()), in_shell("--stanza=" + how.stanza),
        in_shell("--pg1-path=" + what.data.native()), what.repo);
}

} // namespace

std::string quoted_setting(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n"; // a value ends with its line
            continue;
        }
        out += c;
        if (c == '\'' || c == '\\') {
            out += c;
        }
    }
    return out + '\'';
}

std::vector<std::string> recovery_lines(const backrest::invocation& how, const recovery& what) {
    std::vector<std::string> lines;
    lines.push_back(setting("restore_command", restore_command(how, what)));
    // An operator's are for his standby: this is no failover, and nobody waits for it.
    lines.push_back(setting("recovery_end_command", ""));
    lines.push_back(setting("archive_cleanup_command", ""));
    lines.push_back(setting("recovery_min_apply_delay", "0"));
    add_target(lines, what);
    lines.push_back(setting("recovery_target_timeline", std::to_string(what.timeline)));
    if (what.hold_archiving) {
        lines.push_back(setting("archive_command", "/bin/false"));
    }
    if (what.hold_archiving && what.version >= archive_library_since) {
        lines.push_back(setting("archive_library", ""));
    }
    if (what.then == at_the_end::pause) {
        lines.push_back(setting("primary_conninfo", "")); // a standby's, and this follows nobody
        lines.push_back(setting("primary_slot_name", ""));
    }
    return lines;
}

std::string without_recovery(std::string_view content, std::span<const std::string> lines) {
    std::vector<std::string_view> kept;
    bool in_block = false;
    bool had_block = false;
    for (const auto line : lines_of(content)) {
        if (line == block_begin) {
            in_block = had_block = true;
        } else if (line == block_end) {
            in_block = false;
        } else if (!in_block) {
            kept.push_back(line);
        }
    }
    for (const auto& line : had_block ? std::span<const std::string>() : lines) {
        const auto last = std::find_if(kept.rbegin(), kept.rend(), [&](std::string_view other) {
            return name_in(other) == name_in(line);
        });
        if (last != kept.rend() && *last == line) {
            kept.erase(std::next(last).base());
        }
    }
    std::string text;
    for (const auto line : kept) {
        text += line;
        text += '\n';
    }
    return text;
}

std::string with_recovery(std::string_view live, std::span<const std::string> lines) {
    auto content = without_recovery(live);
    content += fmt::format("{}\n", block_begin);
    for (const auto& line : lines) {
        content += fmt::format("{}\n", line);
    }
    return content + fmt::format("{}\n", block_end);
}

std::string_view signal_file(const recovery& what) {
    return what.to.kind == target_kind::latest && what.then == at_the_end::pause
               ? "standby.signal"
               : "recovery.signal";
}

} // namespace restpoint::restore
