// One binary: what it does is its first argument.
#include "client/client.hpp"
#include "config/render.hpp"
#include "config_command.hpp"
#include "configuration.hpp"
#include "job_exec.hpp"
#include "schedule_command.hpp"
#include "serve/serve.hpp"
#include "token_command.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

namespace restpoint {
namespace {

std::string help() {
    return fmt::format(
        "restpoint {}: a service for PostgreSQL backups with pgBackRest\n\n"
        "usage: restpoint COMMAND [FLAG...]\n\n"
        "commands:\n"
        "  serve           run the service\n"
        "  config check    look for mistakes in the configuration; exits 1 when there are any\n"
        "  config show     the effective configuration, and where each value comes from\n"
        "  config table    every key as a Markdown table\n"
        "  config example  a configuration file with every key explained\n"
        "  schedule show   each schedule, and its next five runs in its zone and in UTC\n"
        "  token create    --name NAME --role viewer|operator|admin [--expires-in 365d]: makes a\n"
        "                  token and prints it, once; \"never\" makes one that does not expire\n"
        "  token list      the tokens there are, without what they open\n"
        "  token revoke    NAME: a running service refuses it within seconds\n"
        "  --version       the version of restpoint\n"
        "  --help          this text\n\n"
        "{}\n"
        "flags of serve, config check, config show, schedule show and token:\n{}",
        RESTPOINT_VERSION, client::help(), config::render_flags());
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
    if (asks_for_help(arguments)) {
        fmt::print("{}", help());
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
    if (const auto asked = client::parse_verb(command)) {
        return client::run(*asked, rest);
    }
    if (command == "schedule" && !rest.empty()) {
        if (const auto asked = client::parse_verb("schedule " + rest.front())) {
            return client::run(*asked, rest.subspan(1));
        }
    }
    if (command == "schedule") {
        return run_schedule(rest);
    }
    fmt::print(
        stderr, "restpoint: unknown {} '{}'; 'restpoint --help' lists what there is\n",
        command.starts_with('-') ? "flag" : "command", command);
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
