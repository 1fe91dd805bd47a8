#include "client/words.hpp"

#include "base/time_text.hpp"
#include "client/command_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace restpoint::client {
namespace {

using row = std::vector<std::string>;

/// Columns on a terminal, where a character takes one.
std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string table(const std::vector<row>& rows) {
    const auto columns = rows.front().size();
    std::vector<std::size_t> widths(columns);
    for (const auto& one : rows) {
        for (std::size_t i = 0; i < columns; ++i) {
            widths[i] = std::max(widths[i], width_of(one[i]));
        }
    }
    std::string out;
    for (const auto& one : rows) {
        std::string line;
        for (std::size_t i = 0; i < columns; ++i) {
            line += one[i] + std::string(widths[i] - width_of(one[i]) + 2, ' ');
        }
        out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return out;
}

std::string or_dash(std::string text) {
    return text.empty() ? "-" : std::move(text);
}

std::string size_or_dash(const std::optional<std::uint64_t>& bytes) {
    return bytes ? size_words(*bytes) : "-";
}

/// Seconds between two RFC 3339 times; none unless both are there.
std::optional<double> seconds_between(std::string_view from, std::string_view to) {
    const auto begin = parse_rfc3339(from);
    const auto end = parse_rfc3339(to);
    if (!begin || !end) {
        return std::nullopt;
    }
    return std::chrono::duration<double>(*end - *begin).count();
}

std::string took(const std::string& from, const std::string& to) {
    const auto seconds = seconds_between(from, to);
    return seconds ? span_words(*seconds) : "";
}

std::string painted(std::string_view word, bool good, colour how) {
    return how == colour::none ? std::string(word)
                               : fmt::format("\x1b[{}m{}\x1b[0m", good ? 32 : 31, word);
}

/// The message below each other, indented: pgBackRest's have several lines.
std::string indented(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        out += fmt::format("  {}\n", line);
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return out;
}

std::string error_words(const job_error& why) {
    std::string head;
    if (why.code) {
        head = why.name.empty() ? fmt::format("pgBackRest error {}: ", *why.code)
                                : fmt::format("pgBackRest error {} ({}): ", *why.code, why.name);
    }
    return indented(head + why.message) + indented(why.hint);
}

/// The shortest that tells what came of it.
std::string result_cell(const job& what) {
    if (!what.label.empty()) {
        return what.label;
    }
    if (what.error) {
        const auto& message = what.error->message;
        return message.substr(0, message.find('\n'));
    }
    if (what.now && what.now->percent) {
        return fmt::format("{:.0f} %", *what.now->percent);
    }
    return "-";
}

/// The service's own hint, unless it speaks of requests where there is a command for it.
std::string hint_at_command_line(unsigned status, const problem& why, verb what) {
    constexpr unsigned not_found = 404;
    if (why.code == "token_missing") {
        return "RESTPOINT_TOKEN or --token-file shows a token; 'restpoint token create' makes one";
    }
    if (status != not_found) {
        return why.hint;
    }
    const auto named = command_of(what).operands;
    if (named == origin::jobs || named == origin::live_jobs) {
        return "'restpoint jobs' lists those that there are";
    }
    if (named == origin::schedules) {
        return "'restpoint schedule list' lists those that there are";
    }
    return why.hint;
}

std::string next_cell(const schedule& what) {
    if (!what.enabled) {
        return "disabled";
    }
    return what.paused ? "paused" : or_dash(what.next);
}

} // namespace

std::string size_words(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 6> units{"kB", "MB", "GB", "TB", "PB", "EB"};
    if (bytes < 1000) {
        return fmt::format("{} B", bytes);
    }
    auto value = static_cast<double>(bytes) / 1000;
    std::size_t unit = 0;
    while (value >= 999.95) {
        value /= 1000;
        ++unit;
    }
    return fmt::format("{:.1f} {}", value, units.at(unit));
}

std::string span_words(double seconds) {
    if (seconds < 59.95) {
        return fmt::format("{:.1f} s", std::max(seconds, 0.0));
    }
    const auto whole = std::llround(seconds);
    if (whole < 3600) {
        return fmt::format("{} min {} s", whole / 60, whole % 60);
    }
    return fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

std::string time_words(std::string_view rfc3339) {
    if (rfc3339.size() < 20 || !rfc3339.ends_with('Z') || rfc3339[10] != 'T') {
        return std::string(rfc3339);
    }
    return fmt::format("{} {}Z", rfc3339.substr(0, 10), rfc3339.substr(11, 8));
}

std::string name_of(const job& what) {
    if (what.kind == "backup") {
        return fmt::format("{} backup of {}", what.type, what.stanza);
    }
    if (what.kind == "verify") {
        return fmt::format("verification of {}", what.stanza);
    }
    if (what.kind.starts_with("postgres-")) {
        return fmt::format("{} of PostgreSQL", what.kind.substr(what.kind.find('-') + 1));
    }
    return fmt::format("{} of {}", what.kind, what.stanza);
}

std::string ending(const job& what, colour how) {
    const bool good = what.state == "succeeded";
    auto text =
        fmt::format("job {}: {} {}", what.id, name_of(what), painted(what.state, good, how));
    if (const auto time = took(what.started, what.finished); !time.empty()) {
        text += fmt::format(" {} {}", good ? "in" : "after", time);
    }
    if (!what.label.empty()) {
        text += fmt::format(": {}", what.label);
        if (what.backup_size) {
            text += fmt::format(", {} backed up", size_words(*what.backup_size));
        }
    }
    text += '\n';
    if (good && what.downtime_ms) {
        text += fmt::format(
            "  the server was away for {}\n",
            span_words(static_cast<double>(*what.downtime_ms) / 1000));
    }
    if (good && !what.reversible_until.empty()) {
        text += fmt::format(
            "  reversible until {}: 'restpoint undo {}' goes back to what was there before\n",
            time_words(what.reversible_until), what.id);
    }
    if (what.expire_failed) {
        text += "  the backup is good; the expire after it failed\n";
    }
    return what.error ? text + error_words(*what.error) : text;
}

std::string job_table(const std::vector<job>& all) {
    if (all.empty()) {
        return "there are no such jobs\n";
    }
    std::vector<row> rows{{"ID", "KIND", "TYPE", "STATE", "CREATED", "TOOK", "RESULT"}};
    for (const auto& one : all) {
        rows.push_back(
            {one.id, one.kind, or_dash(one.type), one.state, time_words(one.created),
             or_dash(took(one.started, one.finished)), result_cell(one)});
    }
    return table(rows);
}

std::string backup_table(const std::vector<backup>& all) {
    if (all.empty()) {
        return "there are no backups\n";
    }
    std::vector<row> rows{{"LABEL", "TYPE", "FINISHED", "TOOK", "DATABASE", "IN REPO", "REPO", ""}};
    for (const auto& one : all) {
        rows.push_back(
            {one.label, one.type, or_dash(time_words(one.finished)),
             or_dash(took(one.started, one.finished)), size_or_dash(one.database_bytes),
             size_or_dash(one.repo_delta_bytes), one.repo ? std::to_string(*one.repo) : "-",
             one.page_error ? "page checksums are wrong" : ""});
    }
    return table(rows);
}

std::string stanza_words(const stanza& what, colour how) {
    auto text = fmt::format("{}: {}\n", what.name, painted(what.state, what.state == "ok", how));
    for (const auto& why : what.reasons) {
        text += indented(why);
    }
    return text;
}

std::string server_words(const server& what) {
    auto text = fmt::format("PostgreSQL is {}\n", what.state) + indented(what.detail);
    const auto line = [&text](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            text += fmt::format("{:<10} {}\n", name, value);
        }
    };
    line("role", what.role);
    line("version", what.version);
    line("timeline", what.timeline ? std::to_string(*what.timeline) : "");
    line("position", what.lsn);
    line("archiving", what.archiving_fails ? "fails" : "");
    return text;
}

std::string schedule_table(const std::vector<schedule>& all) {
    if (all.empty()) {
        return "there are no schedules\n";
    }
    std::vector<row> rows{{"NAME", "RUNS", "CRON", "ZONE", "NEXT", "LAST"}};
    for (const auto& one : all) {
        rows.push_back(
            {one.name, one.type.empty() ? one.action : one.type + ' ' + one.action, one.cron,
             one.time_zone, next_cell(one), or_dash(one.last)});
    }
    return table(rows);
}

std::string schedule_sentence(const schedule& what) {
    return what.paused ? fmt::format("schedule {} is paused\n", what.name)
                       : fmt::format("schedule {} runs next: {}\n", what.name, next_cell(what));
}

std::string job_details(const job& what) {
    std::string text;
    const auto line = [&text](std::string_view name, const std::string& value) {
        if (!value.empty()) {
            text += fmt::format("{:<10} {}\n", name, value);
        }
    };
    line("job", what.id);
    line("what", name_of(what));
    line("state", what.state);
    line("asked by", what.requested_by);
    line("created", time_words(what.created));
    line("started", time_words(what.started));
    line("finished", time_words(what.finished));
    line("took", took(what.started, what.finished));
    line("backup", what.label);
    line(
        "reversible",
        what.reversible_until.empty() ? "" : "until " + time_words(what.reversible_until));
    line("kept in", what.previous);
    line("undone", what.undone_by.empty() ? "" : "by job " + what.undone_by);
    line("forgotten", what.forgotten ? "what its undo needs was given up" : "");
    line("size", what.backup_size ? size_words(*what.backup_size) : "");
    if (what.now && what.now->percent) {
        line("progress", fmt::format("{:.1f} %", *what.now->percent));
    }
    if (what.expire_failed) {
        line("warning", "the backup is good; the expire after it failed");
    }
    return what.error ? text + "error\n" + error_words(*what.error) : text;
}

std::string refusal(unsigned status, const problem& why, verb what) {
    if (why.detail.empty()) {
        return fmt::format("restpoint: the service answered with status {}\n", status);
    }
    auto text = fmt::format("restpoint: refused: {} ({} {})\n", why.detail, status, why.code);
    text += indented(hint_at_command_line(status, why, what));
    if (!why.job.empty()) {
        text += fmt::format(
            "  'restpoint logs {} --follow' shows the job in the way; --queue waits for it\n",
            why.job);
    }
    return text;
}

} // namespace restpoint::client
