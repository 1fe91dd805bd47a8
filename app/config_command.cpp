#include "config_command.hpp"

#include "config/render.hpp"
#include "configuration.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace restpoint {
namespace {

int usage(const std::string& what) {
    fmt::print(stderr, "restpoint: {}; there are: config check, show, table, example\n", what);
    return 2;
}

int check(std::span<const std::string> flags) {
    const auto found = load_configuration(flags).loaded;
    if (!found.problems.empty()) {
        return report_problems(found);
    }
    fmt::print(
        "the configuration is right ({})\n",
        found.file.empty() ? "no file, defaults" : found.file.native());
    return 0;
}

int show(std::span<const std::string> flags) {
    const auto found = load_configuration(flags).loaded;
    if (!found.problems.empty()) {
        return report_problems(found);
    }
    fmt::print("{}", config::render_show(found));
    return 0;
}

} // namespace

int run_config(std::span<const std::string> arguments) {
    if (arguments.empty()) {
        return usage("config needs a subcommand");
    }
    const auto& name = arguments.front();
    const auto rest = arguments.subspan(1);
    if (name == "check") {
        return check(rest);
    }
    if (name == "show") {
        return show(rest);
    }
    if (name != "table" && name != "example") {
        return usage(fmt::format("unknown subcommand 'config {}'", name));
    }
    if (!rest.empty()) {
        return usage(fmt::format("config {} takes no arguments", name));
    }
    fmt::print("{}", name == "table" ? config::render_table() : config::render_example());
    return 0;
}

} // namespace restpoint
