// Our block in pgbackrest.conf: the pure half of pin.hpp.
#include "restore/pin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace restpoint::restore {
namespace {

constexpr std::string_view end_of_block = "# restpoint: end of it";
/// Not target-timeline, which pgBackRest takes from its command line alone and passes over in a file.
constexpr std::string_view option = "recovery-option=recovery_target_timeline=";

std::string begin_of_block(std::string_view stanza) {
    return fmt::format("# restpoint: the live timeline of {}", stanza);
}

/// Not the section of its restores: there it would take the place of other recovery options.
std::string section_of(std::string_view stanza) {
    return fmt::format("[{}]", stanza);
}

/// With their ends.
std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        lines.push_back(text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1));
        text.remove_prefix(lines.back().size());
    }
    return lines;
}

std::string_view without_end(std::string_view line) {
    return line.substr(0, line.find_first_of("\r\n"));
}

} // namespace

std::string pin_block(std::string_view stanza, std::uint32_t timeline) {
    return fmt::format(
        "{}\n{}\n{}{}\n{}\n", begin_of_block(stanza), section_of(stanza), option, timeline,
        end_of_block);
}

std::string with_pin(
    std::string_view config, std::string_view stanza, std::optional<std::uint32_t> timeline) {
    const auto begin = begin_of_block(stanza);
    const auto section = section_of(stanza);
    std::string kept;
    bool in_block = false;
    for (const auto line : lines_of(config)) {
        const auto text = without_end(line);
        if (text == begin) {
            in_block = true;
            continue;
        }
        // Whatever else somebody wrote into it is his, and the block may have lost its end.
        const bool ends = text == end_of_block;
        const bool ours = ends || text == section || text.starts_with(option);
        if (!in_block || !ours) {
            kept += line;
        }
        in_block = in_block && ours && !ends;
    }
    if (!timeline) {
        return kept;
    }
    if (!kept.empty() && !kept.ends_with('\n')) {
        kept += '\n';
    }
    return kept + pin_block(stanza, *timeline);
}

std::optional<std::uint32_t> pin_in(std::string_view config, std::string_view stanza) {
    const auto begin = begin_of_block(stanza);
    bool in_block = false;
    for (const auto line : lines_of(config)) {
        const auto text = without_end(line);
        in_block = text == begin || (in_block && text != end_of_block);
        if (!in_block || !text.starts_with(option)) {
            continue;
        }
        const auto number = text.substr(option.size());
        std::uint32_t timeline = 0;
        const auto [stop, bad] =
            std::from_chars(number.data(), number.data() + number.size(), timeline);
        return bad == std::errc{} ? std::optional(timeline) : std::nullopt;
    }
    return std::nullopt;
}

} // namespace restpoint::restore
