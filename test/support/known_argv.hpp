// What restpoint writes on pgbackrest's command line, said a second time and apart from
// lib/backrest/command.cpp: whatever else stands there came from somebody else.
#pragma once

#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace restpoint::test {

/// What the operator has configured.
struct known_invocation {
    std::string config;
    std::string stanza;
};

namespace detail {

inline std::optional<std::string_view> behind(std::string_view word, std::string_view prefix) {
    return word.starts_with(prefix) ? std::optional(word.substr(prefix.size())) : std::nullopt;
}

inline bool consists_of(std::string_view text, std::string_view others) {
    return std::ranges::all_of(text, [others](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != others.npos;
    });
}

inline bool is_repo(std::string_view text) {
    int number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && number >= 1 &&
           number <= 256;
}

/// "20261122-064235F", with "_20261122-064331D" behind it or not.
inline bool is_label(std::string_view text) {
    return text.size() >= 16 && text.size() <= 33 && text.front() >= '0' && text.front() <= '9' &&
           consists_of(text, "-_");
}

/// "KEY=VALUE"; the value is text without controls, whatever it looks like.
inline bool is_annotation(std::string_view text) {
    const auto equals = text.find('=');
    const auto key = text.substr(0, equals);
    if (equals == text.npos || key.empty() || key.size() > 64 || !consists_of(key, "-_")) {
        return false;
    }
    auto value = text.substr(equals + 1);
    while (!value.empty()) {
        const auto size = utf8_sequence(value);
        const auto first = static_cast<unsigned char>(value.front());
        if (size == 0 || first < 0x20 || first == 0x7F) {
            return false;
        }
        value.remove_prefix(size);
    }
    return true;
}

inline bool is_own_option(std::string_view word, const known_invocation& ours) {
    constexpr std::array<std::string_view, 14> fixed{
        "--log-level-console=detail",
        "--log-level-console=off",
        "--log-level-stderr=off",
        "--log-level-stderr=error",
        "--log-level-file=off",
        "--type=full",
        "--type=diff",
        "--type=incr",
        "--output=text",
        "--output=json",
        "--recurse",
        "--io-timeout=5",
        "--filter=\\.history$",
        "--dry-run"};
    if (std::ranges::find(fixed, word) != fixed.end()) {
        return true;
    }
    if (const auto config = behind(word, "--config=")) {
        return *config == ours.config;
    }
    if (const auto stanza = behind(word, "--stanza=")) {
        return *stanza == ours.stanza;
    }
    if (const auto repo = behind(word, "--repo=")) {
        return is_repo(*repo);
    }
    if (const auto set = behind(word, "--set=")) {
        return is_label(*set);
    }
    const auto annotation = behind(word, "--annotation=");
    return annotation && is_annotation(*annotation);
}

inline bool is_command(std::string_view word) {
    constexpr std::array<std::string_view, 13> known{
        "backup",   "stanza-create", "stanza-upgrade", "check",    "verify",   "expire", "info",
        "annotate", "version",       "repo-ls",        "repo-get", "repo-put", "repo-rm"};
    return std::ranges::find(known, word) != known.end();
}

/// A path in the repo, of the kind that the WAL's listings are at, or of files of our own.
inline bool is_own_path(std::string_view word, const known_invocation& ours) {
    auto below = behind(word, "archive/" + ours.stanza + "/");
    if (!below) {
        below = behind(word, "restpoint/" + ours.stanza + "/slots/");
    }
    return below && word.find("..") == word.npos && consists_of(*below, "-_./");
}

} // namespace detail

/// The first of the arguments (without the program) that restpoint does not write; none when all
/// are its own. "no command" when there is none among them.
[[nodiscard]] inline std::optional<std::string> stranger_in(
    std::span<const std::string> arguments, const known_invocation& ours) {
    bool has_command = false;
    for (const auto& word : arguments) {
        if (word.starts_with('-')) {
            if (!detail::is_own_option(word, ours)) {
                return word;
            }
        } else if (!has_command && detail::is_command(word)) {
            has_command = true;
        } else if (!has_command || !detail::is_own_path(word, ours)) {
            return word;
        }
    }
    return has_command ? std::nullopt : std::optional<std::string>("no command");
}

} // namespace restpoint::test
