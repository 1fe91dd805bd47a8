#include "agent_command.hpp"

#include "base/utf8.hpp"
#include "postgres/agent.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <string_view>

namespace restpoint {
namespace {

constexpr const char* usage =
    "usage: restpoint agent --socket PATH [--term smart|fast|immediate] -- COMMAND...\n\n"
    "Runs COMMAND, which is PostgreSQL or the entry point of its image, as the first process of a\n"
    "container, and lets restpoint stop and start it over the socket (postgres.control = "
    "\"agent\").\n"
    "TERM, INT and QUIT are forwarded: to PostgreSQL they mean a smart, a fast and an immediate\n"
    "shutdown. A smart one waits for sessions to end, so where a container is stopped by TERM\n"
    "(Kubernetes) write --term fast.\n\n"
    "  --socket PATH   in a folder of its own, mode 0700, which is made; only root and the user "
    "that\n"
    "                  the agent runs as may speak on it. PATH.hold stands beside it while a "
    "restore\n"
    "                  holds PostgreSQL stopped\n"
    "  --term MODE     what a TERM means (default smart)\n";

struct parsed {
    postgres::agent_options options = {};
    std::string problem = {}; ///< empty: none
};

std::optional<int> signal_of(std::string_view mode) {
    if (mode == "smart") {
        return SIGTERM;
    }
    if (mode == "fast") {
        return SIGINT;
    }
    return mode == "immediate" ? std::optional<int>{SIGQUIT} : std::nullopt;
}

/// The value of a flag as "--name VALUE" or "--name=VALUE"; none when `at` is not that flag.
std::optional<std::string> value_of(
    std::span<const std::string> arguments, std::size_t& at, std::string_view name) {
    const auto& given = arguments[at];
    if (given.starts_with(name) && given.size() > name.size() && given[name.size()] == '=') {
        return given.substr(name.size() + 1);
    }
    if (given == name && at + 1 < arguments.size()) {
        return arguments[++at];
    }
    return std::nullopt;
}

parsed parse(std::span<const std::string> arguments) {
    parsed found;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        if (arguments[at] == "--") {
            found.options.argv.assign(
                arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
            break;
        }
        if (const auto path = value_of(arguments, at, "--socket")) {
            found.options.socket = *path;
        } else if (const auto mode = value_of(arguments, at, "--term")) {
            const auto signal = signal_of(*mode);
            if (!signal) {
                found.problem = fmt::format(
                    "--term takes smart, fast or immediate, not '{}'",
                    presentable(*mode, mode->size()));
                return found;
            }
            found.options.term = *signal;
        } else {
            found.problem = fmt::format(
                "unknown or incomplete argument '{}'",
                presentable(arguments[at], arguments[at].size()));
            return found;
        }
    }
    if (found.options.socket.empty()) {
        found.problem = "--socket is missing";
    } else if (found.options.argv.empty()) {
        found.problem = "there is no command behind '--'";
    }
    return found;
}

} // namespace

int run_agent_command(std::span<const std::string> arguments) {
    if (!arguments.empty() && (arguments.front() == "--help" || arguments.front() == "-h")) {
        fmt::print("{}", usage);
        return 0;
    }
    const auto found = parse(arguments);
    if (!found.problem.empty()) {
        fmt::print(stderr, "restpoint agent: {}\n{}", found.problem, usage);
        return 2;
    }
    return postgres::run_agent(found.options);
}

} // namespace restpoint
