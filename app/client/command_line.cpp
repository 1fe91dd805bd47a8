#include "client/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace restpoint::client {
namespace {

constexpr unsigned bit(verb what) {
    return 1U << static_cast<unsigned>(what);
}

template <class... Verbs>
// uncovered: the compiler evaluates it
constexpr unsigned of(Verbs... all) {
    // uncovered: the same
    return (bit(all) | ...);
}

enum class operand { none, job, schedule };

struct command {
    std::string_view name;
    verb what;
    operand about;
};

constexpr std::array<command, 13> commands{{
    {"backup", verb::backup, operand::none},
    {"check", verb::check, operand::none},
    {"verify", verb::verify, operand::none},
    {"expire", verb::expire, operand::none},
    {"info", verb::info, operand::none},
    {"jobs", verb::jobs, operand::none},
    {"job", verb::job, operand::job},
    {"logs", verb::logs, operand::job},
    {"cancel", verb::cancel, operand::job},
    {"schedule list", verb::schedule_list, operand::none},
    {"schedule run", verb::schedule_run, operand::schedule},
    {"schedule pause", verb::schedule_pause, operand::schedule},
    {"schedule resume", verb::schedule_resume, operand::schedule},
}};

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc{} && stop == end && value > 0 ? std::optional(value) : std::nullopt;
}

bool is_one_of(std::string_view value, std::span<const std::string_view> allowed) {
    return std::ranges::find(allowed, value) != allowed.end();
}

constexpr std::array<std::string_view, 3> types{"full", "diff", "incr"};
constexpr std::array<std::string_view, 2> outputs{"text", "json"};

/// False for a value that cannot be right.
using taker = bool (*)(order& made, const std::string& value);

struct option {
    std::string_view name;
    std::string_view allowed; ///< empty: it takes no value
    unsigned verbs;
    taker take;
};

bool take_annotation(order& made, const std::string& value) {
    const auto equals = value.find('=');
    if (equals == value.npos || equals == 0) {
        return false;
    }
    made.annotations[value.substr(0, equals)] = value.substr(equals + 1);
    return true;
}

bool take_repo(order& made, const std::string& value) {
    made.repo = number(value);
    return made.repo.has_value();
}

bool take_type(order& made, const std::string& value) {
    made.type = value;
    return is_one_of(value, types);
}

bool take_output(order& made, const std::string& value) {
    made.json = value == "json";
    return is_one_of(value, outputs);
}

bool take_limit(order& made, const std::string& value) {
    made.filter["limit"] = value;
    return number(value).has_value();
}

template <std::string order::* Member>
bool take_text(order& made, const std::string& value) {
    made.*Member = value;
    return !value.empty();
}

bool take_state(order& made, const std::string& value) {
    made.filter["state"] = value;
    return !value.empty();
}

bool take_kind(order& made, const std::string& value) {
    made.filter["kind"] = value;
    return !value.empty();
}

template <bool order::* Member, bool Value>
bool put(order& made, const std::string&) {
    made.*Member = Value;
    return true;
}

constexpr unsigned of_stanza = of(verb::backup, verb::check, verb::verify, verb::expire);
constexpr unsigned starting = of_stanza | of(verb::schedule_run);
constexpr unsigned everything = ~0U;

constexpr std::array<option, 14> options{{
    {"--server", "http://HOST:PORT", everything, take_text<&order::server>},
    {"--token-file", "the path of a file", everything, take_text<&order::token_file>},
    {"--output", "text or json", ~bit(verb::logs), take_output},
    {"--stanza", "a name", of_stanza | of(verb::info), take_text<&order::stanza>},
    {"--no-wait", "", starting | of(verb::cancel), put<&order::wait, false>},
    {"--queue", "", starting, put<&order::queue, true>},
    {"--type", "full, diff or incr", of(verb::backup), take_type},
    {"--annotation", "KEY=VALUE", of(verb::backup), take_annotation},
    {"--repo", "a whole number from 1", of(verb::backup, verb::verify, verb::expire), take_repo},
    {"--state", "a state of jobs", of(verb::jobs), take_state},
    {"--kind", "a kind of job", of(verb::jobs), take_kind},
    {"--limit", "a whole number from 1", of(verb::jobs), take_limit},
    {"--level", "error, warn, info, detail, …", of(verb::logs), take_text<&order::level>},
    {"--follow", "", of(verb::logs), put<&order::follow, true>},
}};

failure misused(std::string detail, std::string hint = "'restpoint --help' lists what there is") {
    return {errc::invalid, std::move(detail), std::move(hint)};
}

const command& command_of(verb what) {
    return *std::ranges::find(commands, what, &command::what);
}

failure no_operand(const command& of) {
    return of.about == operand::job ? misused(
                                          fmt::format("'{}' needs the id of a job", of.name),
                                          "'restpoint jobs' lists them")
                                    : misused(
                                          fmt::format("'{}' needs the name of a schedule", of.name),
                                          "'restpoint schedule list' lists them");
}

/// Takes a word that is no flag.
result<> take_operand(order& made, const command& of, const std::string& word) {
    if (of.about == operand::none || !made.id.empty()) {
        return misused(fmt::format("'{}' does not understand '{}'", of.name, word));
    }
    if (of.about == operand::job && !number(word)) {
        return misused(fmt::format("'{}' is no id of a job", word), "'restpoint jobs' lists them");
    }
    made.id = word;
    return {};
}

/// Takes the option at the front of `rest`, with its value.
result<> take_option(order& made, std::span<const std::string>& rest) {
    const auto& word = rest.front();
    rest = rest.subspan(1);
    const auto equals = std::min(word.find('='), word.size());
    const auto name = std::string_view(word).substr(0, equals);
    const auto found = std::ranges::find(options, name, &option::name);
    if (found == options.end() || (found->verbs & bit(made.what)) == 0) {
        return misused(fmt::format("'{}' takes no flag '{}'", command_of(made.what).name, name));
    }
    std::string value;
    const bool has_value = equals < word.size();
    if (found->allowed.empty()) {
        if (has_value) {
            return misused(fmt::format("flag '{}' takes no value", name));
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
        return misused(
            fmt::format("flag '{}' cannot be '{}'", name, value),
            fmt::format("allowed: {}", found->allowed));
    }
    return {};
}

} // namespace

std::optional<verb> parse_verb(std::string_view text) {
    const auto found = std::ranges::find(commands, text, &command::name);
    return found == commands.end() ? std::nullopt : std::optional(found->what);
}

result<order> parse_command_line(
    verb what, std::span<const std::string> arguments, std::string_view default_server) {
    order made;
    made.what = what;
    if (!default_server.empty()) {
        made.server = default_server;
    }
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
    if (of_it.about != operand::none && made.id.empty()) {
        return no_operand(of_it);
    }
    return made;
}

std::string_view help() {
    return "commands that ask a running service:\n"
           "  backup          takes a backup and shows it: --type full|diff|incr (incr),\n"
           "                  --annotation KEY=VALUE, --repo N\n"
           "  check           checks that WAL arrives in the repo\n"
           "  verify          looks for damage in the repo: --repo N\n"
           "  expire          removes what retention lets go: --repo N\n"
           "  info            the backups there are\n"
           "  jobs            the newest jobs: --state STATE, --kind KIND, --limit N\n"
           "  job ID          one job\n"
           "  logs ID         what pgBackRest said: --follow while it runs, --level LEVEL\n"
           "  cancel ID       ends a job\n"
           "  schedule list   what runs when, and what became of the last run\n"
           "  schedule run NAME, pause NAME, resume NAME\n\n"
           "flags of these:\n"
           "  --server URL       http://HOST:PORT; else RESTPOINT_URL, else http://127.0.0.1:5000\n"
           "                     (the configuration file is not read)\n"
           "  --token-file PATH  the token, on the first line; else RESTPOINT_TOKEN\n"
           "  --stanza NAME      main unless it is given\n"
           "  --no-wait          do not wait for the end: prints the id of the job\n"
           "  --queue            wait for a job in the way, instead of being refused\n"
           "  --output json      the service's answer on standard output, and nothing else "
           "there\n\n"
           "exit codes of these: 0 succeeded, 1 the job failed, 2 wrong command line, 3 refused "
           "by\n"
           "the service, 4 it cannot be reached, 5 the job was cancelled or interrupted, 130 "
           "Ctrl-C\n"
           "(the job goes on)\n";
}

} // namespace restpoint::client
