#include "backrest/config_file.hpp"

#include <algorithm>
#include <iterator>

namespace restpoint::backrest {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const auto first = text.find_first_not_of(blanks);
    if (first == text.npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string variable_of(std::string_view option) {
    std::string name = "PGBACKREST_";
    std::transform(option.begin(), option.end(), std::back_inserter(name), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c == '-' ? '_' : c;
    });
    return name;
}

std::optional<std::string> if_any(std::string_view value) {
    return value.empty() ? std::nullopt : std::optional(std::string(value));
}

} // namespace

std::optional<std::string> configured(
    std::string_view text, std::span<const std::string> environment, std::string_view stanza,
    std::string_view option) {
    const auto variable = variable_of(option) + '=';
    for (const auto& one : environment) {
        if (one.starts_with(variable)) {
            return if_any(std::string_view(one).substr(variable.size()));
        }
    }
    std::string_view section;
    std::string_view of_all;
    std::string_view of_stanza;
    while (!text.empty()) {
        const auto line = trimmed(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
        if (line.starts_with('[') && line.ends_with(']')) {
            section = line.substr(1, line.size() - 2);
            continue;
        }
        const auto equals = line.find('=');
        if (line.starts_with('#') || equals == line.npos ||
            trimmed(line.substr(0, equals)) != option) {
            continue;
        }
        if (section == stanza) {
            of_stanza = trimmed(line.substr(equals + 1));
        } else if (section == "global") {
            of_all = trimmed(line.substr(equals + 1));
        }
    }
    return if_any(of_stanza.empty() ? of_all : of_stanza);
}

} // namespace restpoint::backrest
