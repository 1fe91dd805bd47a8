#include "backrest/progress.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>

namespace restpoint::backrest {

namespace {

/// While the last file is done and the backup is not: its WAL may still be missing.
constexpr double nearly_all = 99.9;

constexpr std::array<std::string_view, 6> phases{"start",   "copy",   "verify",
                                                 "archive", "expire", "end"};

bool starts_with(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

void enter(progress& now, std::string_view phase) {
    const auto rank = [](std::string_view name) {
        return std::find(phases.begin(), phases.end(), name) - phases.begin();
    };
    if (now.phase.empty() || rank(now.phase) < rank(phase)) {
        now.phase = phase;
    }
}

/// A plain decimal number and nothing else: no sign, no exponent, no "inf".
std::optional<double> parse_decimal(std::string_view text) {
    double value = 0;
    const auto [stop, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    const bool plain = text.find_first_not_of("0123456789.") == text.npos;
    if (!plain || error != std::errc{} || stop != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

struct file_line {
    std::uint64_t size = 0;
    double percent = 0;
};

/// The "(897.1MB, 81.25%)" of a worker's line. A bundle's number may stand before them, and
/// "1GB->900MB" for a file that shrank; a file's name may hold brackets of its own, so the last
/// ones count.
std::optional<file_line> parse_file_line(std::string_view text) {
    const auto close = text.rfind("%)");
    const auto open = close == text.npos ? close : text.rfind('(', close);
    if (open == text.npos) {
        return std::nullopt;
    }
    auto figures = text.substr(open + 1, close - open - 1);
    const auto comma = figures.rfind(", ");
    if (comma == figures.npos) {
        return std::nullopt;
    }
    const auto percent = parse_decimal(figures.substr(comma + 2));
    figures = figures.substr(0, comma);
    for (const std::string_view separator : {", ", "->"}) {
        if (const auto at = figures.rfind(separator); at != figures.npos) {
            figures.remove_prefix(at + separator.size());
        }
    }
    const auto size = parse_size(figures);
    if (!percent || !size) {
        return std::nullopt;
    }
    return file_line{*size, std::min(*percent, 100.0)};
}

void take_file(progress& now, const file_line& file) {
    enter(now, "copy");
    ++now.files_done;
    const auto room = std::numeric_limits<std::uint64_t>::max() - now.bytes_logged;
    now.bytes_logged += std::min(file.size, room);
    now.bytes_done = std::max(now.bytes_done.value_or(0), now.bytes_logged);
    now.logged_percent = std::max(now.logged_percent, file.percent);
    now.percent = std::max(now.percent.value_or(0), std::min(now.logged_percent, nearly_all));
    if (!now.total_is_exact && now.logged_percent > 0) {
        const auto estimate = static_cast<double>(now.bytes_logged) * 100 / now.logged_percent;
        now.bytes_total = estimate < 0x1p64 ? static_cast<std::uint64_t>(estimate) : 0;
    }
    if (now.bytes_total) {
        now.bytes_total = std::max(*now.bytes_total, *now.bytes_done);
    }
}

/// "full backup size = 1GB, file total = 1585". Rounded more coarsely than the sum of the files.
std::optional<std::uint64_t> parse_backup_size(std::string_view text) {
    constexpr std::string_view words = " backup size = ";
    const auto at = text.find(words);
    const auto type = text.substr(0, at);
    if (at == text.npos || (type != "full" && type != "diff" && type != "incr")) {
        return std::nullopt;
    }
    text.remove_prefix(at + words.size());
    return parse_size(text.substr(0, text.find(',')));
}

/// The text behind "NAME command begin" or "NAME command end: ", and the name.
struct command_words {
    std::string_view name;
    std::string_view rest;
};

std::optional<command_words> parse_command(std::string_view text, std::string_view words) {
    const auto at = text.find(words);
    if (at == text.npos || at == 0 || text.substr(0, at).find(' ') != text.npos) {
        return std::nullopt;
    }
    return command_words{text.substr(0, at), text.substr(at + words.size())};
}

void take_main(progress& now, std::string_view text) {
    if (const auto begun = parse_command(text, " command begin")) {
        enter(now, begun->name == "expire" ? "expire" : "start");
    } else if (const auto ended = parse_command(text, " command end: ")) {
        // A completed backup is followed by its expire, which says the end of the command.
        const bool completed = starts_with(ended->rest, "completed");
        if (completed && ended->name != "expire") {
            now.completed = true;
            now.percent = now.bytes_done ? 100 : now.percent;
        }
        if (ended->name != "backup" || !completed) {
            enter(now, "end");
        }
    } else if (starts_with(text, "execute ") && text.find(" backup stop and wait") != text.npos) {
        enter(now, "archive");
    } else if (const auto size = parse_backup_size(text); size && !now.total_is_exact) {
        now.bytes_total = std::max(*size, now.bytes_done.value_or(0));
    }
}

} // namespace

void advance(progress& now, const log_line& line) {
    if (line.what != log_line::form::entry || line.process == own_process ||
        !(line.level == log_level::info || line.level == log_level::detail)) {
        return;
    }
    const bool main = line.process == "P00" || line.process == "P000";
    if (main) {
        take_main(now, line.text);
    } else if (const auto file = parse_file_line(line.text)) {
        take_file(now, *file);
    }
}

void merge_sizes(progress& now, std::uint64_t completed, std::uint64_t total) {
    if (total == 0 || completed > total) {
        return; // not known yet, or no figures of a backup
    }
    enter(now, "copy"); // before it copies, pgBackRest does not know them either
    now.bytes_done = std::max(now.bytes_done.value_or(0), completed);
    now.bytes_total = std::max(total, *now.bytes_done);
    now.total_is_exact = true;
    const auto percent = static_cast<double>(completed) * 100 / static_cast<double>(total);
    now.percent = std::max(now.percent.value_or(0), std::min(percent, nearly_all));
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    constexpr std::array<std::string_view, 6> units{"B", "KB", "MB", "GB", "TB", "PB"};
    const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
    const auto value = parse_decimal(text.substr(0, digits));
    const auto* const unit = std::find(units.begin(), units.end(), text.substr(digits));
    if (!value || unit == units.end()) {
        return std::nullopt;
    }
    const auto bytes = std::ldexp(*value, 10 * static_cast<int>(unit - units.begin()));
    if (bytes >= 0x1p64) {
        return std::nullopt;
    }
    return static_cast<std::uint64_t>(bytes);
}

} // namespace restpoint::backrest
