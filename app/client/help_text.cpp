#include "client/help_text.hpp"

#include "base/nearest.hpp"
#include "client/command_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace restpoint::client {
namespace {

/// The name in a column of its own, the text beside it, broken between words.
std::string row(std::string_view name, std::string_view text) {
    constexpr std::size_t column = 24;
    constexpr std::size_t width = 56;
    std::string out;
    auto label = fmt::format("  {}", name);
    while (!text.empty()) {
        auto end = std::min(text.size(), width);
        if (end < text.size()) {
            const auto space = text.rfind(' ', width);
            end = space == text.npos ? std::min(text.find(' '), text.size()) : space;
        }
        out += fmt::format("{:<{}}{}\n", label, column, text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        label.clear();
    }
    return out;
}

/// "--type full|diff|incr".
std::string usage_of(const option& one) {
    return one.value.empty() ? std::string(one.name) : fmt::format("{} {}", one.name, one.value);
}

std::string name_of(const command& one) {
    return one.operand.empty() ? std::string(one.name)
                               : fmt::format("{} {}", one.name, one.operand);
}

/// The summary and the flags that only few commands have.
std::string row_of(const command& one) {
    std::string text(one.summary);
    std::string_view between = ": ";
    for (const auto& flag : options()) {
        if (one.what && !flag.common && flag.belongs_to(*one.what)) {
            text += fmt::format("{}{}", between, usage_of(flag));
            between = ", ";
        }
    }
    return row(name_of(one), text);
}

std::string exit_codes() {
    return "exit codes of these:\n" + row("0", "the job succeeded; there is an answer") +
           row("1", "the job failed; of window: WAL is missing, or nothing can be restored; of "
                    "restore: the plan is refused") +
           row("2", "the command line is wrong") + row("3", "the service refused") +
           row("4", "the service cannot be reached") +
           row("5", "the job was cancelled or interrupted") + row("130", "Ctrl-C: the job goes on");
}

} // namespace

std::string help_text() {
    std::string own = "commands:\n";
    std::string asking = "commands that ask a running service:\n";
    for (const auto& one : commands()) {
        (one.what ? asking : own) += row_of(one);
    }
    own += row("--version", "the version of restpoint") +
           row("--help", "this text; behind a command that asks a service, what it takes");
    std::string flags = "flags of these:\n";
    for (const auto& one : options()) {
        if (one.common) {
            flags += row(usage_of(one), one.summary);
        }
    }
    return fmt::format("{}\n{}\n{}\n{}", own, asking, flags, exit_codes());
}

std::string help_text(verb what) {
    const auto& of_it = command_of(what);
    auto text = fmt::format("restpoint {}: {}\n\nflags:\n", name_of(of_it), of_it.summary);
    for (const auto& one : options()) {
        if (one.belongs_to(what)) {
            text += row(usage_of(one), one.summary);
        }
    }
    return text + '\n' + exit_codes();
}

std::string command_hint(std::string_view word) {
    std::vector<std::string> names;
    for (const auto& one : commands()) {
        names.emplace_back(one.name);
        names.emplace_back(one.name.substr(0, one.name.find(' ')));
    }
    const auto meant = nearest(word, names);
    return meant.empty() ? "'restpoint --help' lists what there is"
                         : fmt::format("did you mean '{}'?", meant);
}

} // namespace restpoint::client
