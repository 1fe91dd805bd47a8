// What stands in a journal: the pure half of journal.hpp.
#include "restore/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace restpoint::restore {
namespace {

/// A note may hold the name of a directory, and that may hold a line break.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\') {
            out += "\\\\";
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\0') {
            out += "\\0";
        } else {
            out += c;
        }
    }
    return out;
}

/// None for what escaped() does not write.
std::optional<std::string> unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        ++i;
        const char c = i < text.size() ? text[i] : '\0';
        if (c != '\\' && c != 'n' && c != '0') {
            return std::nullopt;
        }
        out += c == 'n' ? '\n' : c == '0' ? '\0' : '\\';
    }
    return out;
}

struct numbered {
    std::size_t number = 0;
    entry what = {};
};

/// "NUMBER WORD REST"; none for anything else.
std::optional<numbered> parse_line(std::string_view line) {
    std::size_t written = 0;
    const auto [stop, bad] = std::from_chars(line.data(), line.data() + line.size(), written);
    if (bad != std::errc{} || line.find('\0') != line.npos) {
        return std::nullopt;
    }
    line.remove_prefix(static_cast<std::size_t>(stop - line.data()));
    const auto blank = line.find(' ', 1);
    if (!line.starts_with(' ') || blank == line.npos) {
        return std::nullopt;
    }
    const auto word = parse_entry_word(line.substr(1, blank - 1));
    auto rest = unescaped(line.substr(blank + 1));
    if (!word || !rest) {
        return std::nullopt;
    }
    return numbered{written, {*word, std::move(*rest)}};
}

/// Whether a line stands there that was written behind the one of `number`. What a crash cut off is
/// the last that was written: it has none behind it.
bool has_later_line(std::string_view bytes, std::size_t number) {
    for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
        auto line = bytes.substr(0, end);
        line.remove_prefix(std::min(line.find_first_not_of('\0'), line.size()));
        const auto found = parse_line(line);
        if (found && found->number > number) {
            return true;
        }
        bytes.remove_prefix(end + 1);
    }
    return false;
}

} // namespace

std::string journal_line(std::size_t number, const entry& what) {
    return fmt::format("{} {} {}\n", number, to_string(what.word), escaped(what.rest));
}

result<journal_content> parse_journal(std::string_view bytes) {
    const auto first = bytes.find('\n');
    if (first == bytes.npos || bytes.substr(0, first).find('\0') != bytes.npos) {
        return failure{errc::invalid, "this is no journal of a restore"};
    }
    journal_content read;
    read.order = bytes.substr(0, first);
    read.end = first + 1;
    for (;;) {
        const auto rest = bytes.substr(read.end);
        const auto end = rest.find('\n');
        const auto number = read.steps.entries.size() + 1;
        auto found = end == rest.npos ? std::nullopt : parse_line(rest.substr(0, end));
        if (!found || found->number != number) {
            if (has_later_line(rest, number)) {
                return failure{
                    errc::invalid, fmt::format("entry {} of the journal is damaged", number),
                    "how far the restore came is not known: look at what lies beside it"};
            }
            return read;
        }
        read.steps.entries.push_back(std::move(found->what));
        read.end += end + 1;
    }
}

} // namespace restpoint::restore
