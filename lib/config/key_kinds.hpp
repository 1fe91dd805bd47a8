// The common kinds of rows: numbers in a range, texts with a condition, one of a few words. Where a
// function takes `member`, it is one that returns the place in the settings.
#pragma once

#include "config/constraint.hpp"
#include "config/key.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace restpoint::config {

using verdict = std::optional<objection>;

template <class Rep, class Period>
void store(std::int64_t n, std::chrono::duration<Rep, Period>& place) {
    place = std::chrono::duration<Rep, Period>(n);
}
template <class Number>
void store(std::int64_t n, Number& place) {
    place = static_cast<Number>(n);
}

template <class Rep, class Period>
std::int64_t load(std::chrono::duration<Rep, Period> from) {
    return from.count();
}
template <class Number>
std::int64_t load(Number from) {
    return static_cast<std::int64_t>(from);
}

/// A whole number from `low` to `high`.
template <class Target = settings, class Member>
basic_key<Target> number(
    std::string name, Member member, std::int64_t low, std::int64_t high, std::string help) {
    auto set = [=](Target& s, const value& v) -> verdict {
        const auto n = std::get<std::int64_t>(v);
        if (n < low || n > high) {
            return objection{};
        }
        store(n, member(s));
        return {};
    };
    return {
        .name = std::move(name),
        .form = shape::number,
        .allowed = fmt::format("a whole number from {} to {}", low, high),
        .help = std::move(help),
        .set = set,
        .get = [=](const Target& s) { return value(load(member(s))); }};
}

/// A text for which `good` holds.
template <class Target = settings, class Member, class Check>
basic_key<Target> text(
    std::string name, Member member, Check good, std::string allowed, std::string help) {
    auto set = [=](Target& s, const value& v) -> verdict {
        const auto& given = std::get<std::string>(v);
        if (!good(given)) {
            return objection{};
        }
        member(s) = given;
        return {};
    };
    return {
        .name = std::move(name),
        .form = shape::text,
        .allowed = std::move(allowed),
        .help = std::move(help),
        .set = set,
        .get = [=](const Target& s) { return value(member(s)); }};
}

/// One of a few words.
template <class Target = settings, class Member, class Enum>
basic_key<Target> choice(
    std::string name, Member member, std::vector<std::pair<std::string, Enum>> words,
    std::string help, std::string hint = {}) {
    std::vector<std::string> quoted;
    for (const auto& [word, meaning] : words) {
        quoted.push_back(fmt::format("\"{}\"", word));
    }
    auto set = [=](Target& s, const value& v) -> verdict {
        const auto found = std::ranges::find(
            words, std::get<std::string>(v), [](const auto& w) { return w.first; });
        if (found == words.end()) {
            return objection{hint};
        }
        member(s) = found->second;
        return {};
    };
    auto get = [=](const Target& s) -> value {
        const auto found =
            std::ranges::find(words, member(s), [](const auto& w) { return w.second; });
        return found == words.end() ? value() : value(found->first);
    };
    return {
        .name = std::move(name),
        .form = shape::text,
        .allowed = quoted.size() < 3 ? fmt::format("{}", fmt::join(quoted, " or "))
                                     : fmt::format("one of {}", fmt::join(quoted, ", ")),
        .help = std::move(help),
        .set = set,
        .get = get};
}

/// Yes or no.
template <class Target, class Member>
basic_key<Target> toggle(std::string name, Member member, std::string help) {
    auto set = [=](Target& s, const value& v) -> verdict {
        member(s) = std::get<bool>(v);
        return {};
    };
    return {
        .name = std::move(name),
        .form = shape::flag,
        .allowed = "true or false",
        .help = std::move(help),
        .set = set,
        .get = [=](const Target& s) { return value(member(s)); }};
}

/// A text for which `good` holds, not set by default.
template <class Member, class Check>
key optional_text(
    std::string name, Member member, Check good, std::string allowed, std::string help,
    std::string example) {
    return {
        .name = std::move(name),
        .form = shape::text,
        .allowed = std::move(allowed),
        .help = std::move(help),
        .set = [=](settings& s, const value& v) -> verdict {
            if (!good(std::get<std::string>(v))) {
                return objection{};
            }
            member(s) = std::get<std::string>(v);
            return {};
        },
        .get = [=](const settings& s) -> value {
            return member(s).empty() ? value() : value(member(s));
        },
        .example = std::move(example)};
}

/// An absolute path, not set by default.
template <class Member>
key optional_path(std::string name, Member member, std::string help, std::string example) {
    return optional_text(
        std::move(name), member, is_absolute, "an absolute path", std::move(help),
        std::move(example));
}

} // namespace restpoint::config
