#include "backrest/log_line.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace restpoint::backrest {

namespace {

constexpr std::array<std::string_view, 6> level_names{"error",  "warn",  "info",
                                                      "detail", "debug", "trace"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool equal_in_any_case(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return upper(a) == upper(b);
    });
}

/// The front of `line` when it looks like `shape`, where '0' stands for any digit.
std::optional<std::string_view> take_shape(std::string_view& line, std::string_view shape) {
    if (line.size() < shape.size()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == '0' ? !is_digit(line[i]) : line[i] != shape[i]) {
            return std::nullopt;
        }
    }
    const auto front = line.substr(0, shape.size());
    line.remove_prefix(shape.size());
    return front;
}

std::optional<std::string_view> take_process(std::string_view& line) {
    // Three digits when process-max is above 99.
    for (const std::string_view shape : {std::string_view{"P000 "}, std::string_view{"P00 "}}) {
        if (const auto process = take_shape(line, shape)) {
            return process->substr(0, shape.size() - 1);
        }
    }
    if (line.substr(0, own_process.size()) == own_process && line.size() > own_process.size() &&
        line[own_process.size()] == ' ') {
        const auto process = line.substr(0, own_process.size());
        line.remove_prefix(own_process.size() + 1);
        return process;
    }
    return std::nullopt;
}

/// "ERROR: " and the like: capitals as pgBackRest writes them, so that another program's "error:"
/// is not taken for its word.
std::optional<log_level> take_level(std::string_view& line) {
    constexpr std::array<std::pair<std::string_view, log_level>, 8> tags{
        {{"ERROR: ", log_level::error},
         {"ASSERT: ", log_level::error},
         {"WARN: ", log_level::warn},
         {"INFO: ", log_level::info},
         {"DETAIL: ", log_level::detail},
         {"DEBUG: ", log_level::debug},
         {"PROTOCOL: ", log_level::debug},
         {"TRACE: ", log_level::trace}}};
    for (const auto& [tag, level] : tags) {
        if (line.substr(0, tag.size()) == tag) {
            line.remove_prefix(tag.size());
            return level;
        }
    }
    return std::nullopt;
}

std::optional<int> take_code(std::string_view& text) {
    const auto tag = take_shape(text, "[000]: ");
    if (!tag) {
        return std::nullopt;
    }
    return ((*tag)[1] - '0') * 100 + ((*tag)[2] - '0') * 10 + ((*tag)[3] - '0');
}

void skip_blanks(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
}

/// Fills in level, code and text from what stands behind time and process.
bool take_message(log_line& into, std::string_view rest) {
    const auto level = take_level(rest);
    if (!level) {
        return false;
    }
    into.level = level;
    if (*level == log_level::error) {
        into.code = take_code(rest);
    }
    into.text = rest;
    return true;
}

std::optional<log_line> parse_entry(std::string_view line) {
    log_line entry;
    entry.what = log_line::form::entry;
    // Without a time when the operator's configuration says log-timestamp=n.
    if (const auto time = take_shape(line, "0000-00-00 00:00:00.000 ")) {
        entry.time = time->substr(0, time->size() - 1);
    }
    const auto process = take_process(line);
    if (!process) {
        return std::nullopt;
    }
    entry.process = *process;
    skip_blanks(line);
    return take_message(entry, line) ? std::optional(entry) : std::nullopt;
}

} // namespace

std::string_view to_string(log_level level) {
    return level_names[static_cast<std::size_t>(level)];
}

std::optional<log_level> parse_log_level(std::string_view text) {
    for (std::size_t i = 0; i < level_names.size(); ++i) {
        if (equal_in_any_case(text, level_names[i])) {
            return static_cast<log_level>(i);
        }
    }
    return std::nullopt;
}

log_line parse_log_line(std::string_view line) {
    if (const auto entry = parse_entry(line)) {
        return *entry;
    }
    log_line other;
    if (take_message(other, line)) {
        other.what = log_line::form::bare;
        return other;
    }
    const bool indented = !line.empty() && (line.front() == ' ' || line.front() == '\t');
    other.what = indented ? log_line::form::continuation : log_line::form::foreign;
    if (indented) {
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    }
    other.text = line;
    return other;
}

bool is_reference_noise(std::string_view line) {
    constexpr std::string_view verb = "reference ";
    const auto parsed = parse_log_line(line);
    return parsed.what == log_line::form::entry && parsed.process != own_process &&
           parsed.level == log_level::detail && parsed.text.substr(0, verb.size()) == verb &&
           parsed.text.find(" to ", verb.size()) != parsed.text.npos;
}

} // namespace restpoint::backrest
