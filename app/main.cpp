// One binary: what it does is its first argument.
#include "agent_command.hpp"
#include "base/utf8.hpp"
#include "client/client.hpp"
#include "client/completion_command.hpp"
#include "client/help_text.hpp"
#include "config/render.hpp"
#include "config_command.hpp"
#include "configuration.hpp"
#include "job_exec.hpp"
#include "postgres_exec.hpp"
#include "restore_exec.hpp"
#include "schedule_command.hpp"
#include "serve/serve.hpp"
#include "token_command.hpp"
#include "usual_service.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace restpoint {
namespace {

std::string help() {
    return fmt::format(
        "restpoint {}: a service for PostgreSQL backups with pgBackRest\n\n"
        "usage: restpoint COMMAND [FLAG...]\n\n"
        "{}\n"
        "flags of serve, config check, config show, schedule show and token:\n{}",
        RESTPOINT_VERSION, client::help_text(), config::render_flags());
}

/// "--config=", "--server.listen=" and so on.
std::vector<std::string> service_flags() {
    std::vector<std::string> flags{"--config="};
    for (const auto& key : config::keys()) {
        if (key.form != config::shape::map && key.secret == config::secrecy::open) {
            flags.push_back(fmt::format("--{}=", key.name));
        }
    }
    return flags;
}

int run_serve(std::span<const std::string> flags) {
    return serve([flags] { return load_configuration(flags); });
}

bool asks_for_help(std::span<const std::string> arguments) {
    for (const auto& argument : arguments) {
        if (argument == "--help" || argument == "-h") {
            return true;
        }
    }
    return false;
}

struct client_command {
    std::optional<client::verb> what = {};
    std::span<const std::string> rest = {};
};

/// One word, or two, at the front; none when it is no command that asks a service.
client_command client_verb(std::span<const std::string> arguments) {
    if (const auto one = client::parse_verb(arguments.front())) {
        return {one, arguments.subspan(1)};
    }
    if (arguments.size() < 2) {
        return {};
    }
    return {client::parse_verb(arguments[0] + ' ' + arguments[1]), arguments.subspan(2)};
}

int run(std::span<const std::string> arguments) {
    if (arguments.empty()) {
        fmt::print(stderr, "{}", help());
        return 2;
    }
    const auto& command = arguments.front();
    const auto rest = arguments.subspan(1);
    if (command == "job-exec") {
        return run_job_exec(rest); // before anything that looks at the child's own arguments
    }
    if (command == "restore-exec") {
        return run_restore_exec(rest);
    }
    if (command == "postgres-exec") {
        return run_postgres_exec(rest);
    }
    if (command == "agent") {
        return run_agent_command(rest); // the same
    }
    if (command == "completion" && !(rest.size() == 1 && asks_for_help(rest))) {
        return client::run_completion(
            rest, service_flags(), usual_service()); // a line being typed may ask for help
    }
    const auto asked = client_verb(arguments);
    if (asks_for_help(arguments)) {
        fmt::print("{}", asked.what ? client::help_text(*asked.what) : help());
        return 0;
    }
    if (command == "--version") {
        fmt::print("restpoint {}\n", RESTPOINT_VERSION);
        return 0;
    }
    if (command == "serve") {
        return run_serve(rest);
    }
    if (command == "config") {
        return run_config(rest);
    }
    if (command == "token") {
        return run_token(rest);
    }
    if (asked.what) {
        return client::run(*asked.what, asked.rest, usual_service());
    }
    if (command == "schedule") {
        return run_schedule(rest);
    }
    fmt::print(
        stderr, "restpoint: unknown {} '{}'; {}\n", command.starts_with('-') ? "flag" : "command",
        presentable(command, command.size()), client::command_hint(command));
    return 2;
}

} // namespace
} // namespace restpoint

int main(int argc, char** argv) {
    try {
        const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
        const int code = restpoint::run(arguments);
        if (std::fflush(stdout) != 0) {
            std::perror("restpoint: cannot write to standard output");
            return code == 0 ? 1 : code;
        }
        return code;
    } catch (const std::exception& defect) {
        std::fprintf(stderr, "restpoint: %s\n", defect.what());
        return 1;
    }
}
