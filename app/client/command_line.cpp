#include "client/command_line.hpp"

#include "base/nearest.hpp"
#include "client/command_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace restpoint::client {
namespace {

failure misused(std::string detail, std::string hint) {
    return {errc::invalid, std::move(detail), std::move(hint)};
}

std::string help_of_it(const command& of) {
    return fmt::format("'restpoint {} --help' lists what there is", of.name);
}

failure no_operand(const command& of) {
    return of.operands == origin::schedules
               ? misused(
                     fmt::format("'{}' needs the name of a schedule", of.name),
                     "'restpoint schedule list' lists them")
               : misused(
                     fmt::format("'{}' needs the id of a job", of.name),
                     "'restpoint jobs' lists them");
}

bool is_job_id(std::string_view word) {
    return !word.empty() && word.find_first_not_of("0123456789") == word.npos &&
           !word.starts_with('0');
}

/// Takes a word that is no flag.
result<> take_operand(order& made, const command& of, const std::string& word) {
    if (of.operand.empty() || !made.id.empty()) {
        const bool is_meant_for_job = of.what == verb::jobs && is_job_id(word);
        return misused(
            fmt::format("'{}' does not understand '{}'", of.name, word),
            is_meant_for_job ? fmt::format("did you mean 'restpoint job {}'?", word)
                             : help_of_it(of));
    }
    if (word.empty()) {
        return no_operand(of);
    }
    if (of.operands != origin::schedules && !is_job_id(word)) {
        return misused(fmt::format("'{}' is no id of a job", word), "'restpoint jobs' lists them");
    }
    made.id = word;
    return {};
}

failure unknown_flag(verb what, std::string_view name) {
    std::vector<std::string> names;
    for (const auto& one : options()) {
        if (one.belongs_to(what)) {
            names.emplace_back(one.name);
        }
    }
    const auto& of = command_of(what);
    const auto meant = nearest(name, names);
    return misused(
        fmt::format("'{}' takes no flag '{}'", of.name, name),
        meant.empty() ? help_of_it(of) : fmt::format("did you mean '{}'?", meant));
}

failure wrong_value(const option& of, const std::string& value) {
    const auto meant = nearest(value, {of.words.begin(), of.words.end()});
    return misused(
        fmt::format("flag '{}' cannot be '{}'", of.name, value),
        fmt::format(
            "allowed: {}{}", of.allowed,
            meant.empty() ? "" : fmt::format("; did you mean '{}'?", meant)));
}

/// Takes the option at the front of `rest`, with its value.
result<> take_option(order& made, std::span<const std::string>& rest) {
    const auto& word = rest.front();
    rest = rest.subspan(1);
    const auto equals = std::min(word.find('='), word.size());
    const auto name = std::string_view(word).substr(0, equals);
    const auto* const found = find_option(made.what, name);
    if (found == nullptr) {
        return unknown_flag(made.what, name);
    }
    std::string value;
    const bool has_value = equals < word.size();
    if (found->value.empty()) {
        if (has_value) {
            return misused(
                fmt::format("flag '{}' takes no value", name), help_of_it(command_of(made.what)));
        }
    } else if (has_value) {
        value = word.substr(equals + 1);
    } else if (rest.empty()) {
        return misused(
            fmt::format("flag '{}' needs a value", name),
            fmt::format("allowed: {}", found->allowed));
    } else {
        value = rest.front();
        rest = rest.subspan(1);
    }
    if (!found->take(made, value)) {
        return wrong_value(*found, value);
    }
    return {};
}

} // namespace

std::optional<verb> parse_verb(std::string_view text) {
    const auto found = std::ranges::find(commands(), text, &command::name);
    return found == commands().end() ? std::nullopt : found->what;
}

result<order> parse_command_line(
    verb what, std::span<const std::string> arguments, const usual_service& usual) {
    order made;
    made.what = what;
    if (!usual.server.empty()) {
        made.server = usual.server;
    }
    const auto stanza_of_others = std::exchange(made.stanza, {});
    const auto& of_it = command_of(what);
    while (!arguments.empty()) {
        if (arguments.front().starts_with('-')) {
            if (auto taken = take_option(made, arguments); !taken) {
                return taken.error();
            }
            continue;
        }
        if (auto taken = take_operand(made, of_it, arguments.front()); !taken) {
            return taken.error();
        }
        arguments = arguments.subspan(1);
    }
    if (!of_it.operand.empty() && made.id.empty()) {
        return no_operand(of_it);
    }
    if (made.stanza.empty()) {
        const bool is_usual = made.server == usual.server && !usual.stanza.empty();
        made.stanza = is_usual ? usual.stanza : stanza_of_others;
    }
    return made;
}

} // namespace restpoint::client
