#include "process/stat_line.hpp"

#include "base/file.hpp"

#include <fmt/format.h>

#include <charconv>

namespace restpoint::process {

namespace {

/// Takes the next blank-separated word off `text`; empty when there is none.
std::string_view next_word(std::string_view& text) {
    const auto begin = text.find_first_not_of(" \n");
    if (begin == std::string_view::npos) {
        text = {};
        return {};
    }
    const auto end = std::min(text.find_first_of(" \n", begin), text.size());
    const auto word = text.substr(begin, end - begin);
    text.remove_prefix(end);
    return word;
}

template <class Integer>
bool parse(std::string_view word, Integer& value) {
    const auto* const end = word.data() + word.size();
    const auto parsed = std::from_chars(word.data(), end, value);
    return !word.empty() && parsed.ec == std::errc{} && parsed.ptr == end;
}

} // namespace

std::optional<stat_line> parse_stat_line(std::string_view text) {
    const auto open = text.find(" (");
    const auto close = text.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return {};
    }
    stat_line line;
    auto rest = text.substr(close + 1);
    const auto state = next_word(rest);
    if (!parse(text.substr(0, open), line.pid) || state.size() != 1 ||
        !parse(next_word(rest), line.parent) || !parse(next_word(rest), line.group) ||
        !parse(next_word(rest), line.session)) {
        return {};
    }
    line.state = state.front();
    constexpr int first_skipped = 7;
    constexpr int start_time = 22;
    for (int field = first_skipped; field < start_time; ++field) {
        next_word(rest);
    }
    if (!parse(next_word(rest), line.start_ticks)) {
        return {};
    }
    return line;
}

std::optional<stat_line> read_stat_line(pid_t pid) {
    const auto text = read_file(fmt::format("/proc/{}/stat", pid), 65536);
    if (!text) {
        return {};
    }
    return parse_stat_line(*text);
}

} // namespace restpoint::process
