#include "configuration.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace restpoint {

configuration load_configuration(std::span<const std::string> flags) {
    config::inputs from;
    from.arguments.assign(flags.begin(), flags.end());
    for (char** entry = environ; *entry != nullptr; ++entry) {
        from.environment.emplace_back(*entry);
    }
    configuration made{.flags = from.arguments, .loaded = config::load(from)};
    made.schedules =
        make_schedules(made.loaded.values.schedules, from.environment, made.loaded.problems);
    return made;
}

std::filesystem::path tokens_file_of(const config::settings& settings) {
    return settings.auth.tokens_file.empty() ? std::filesystem::path(settings.state.dir) / "tokens"
                                             : std::filesystem::path(settings.auth.tokens_file);
}

int report_problems(const config::loaded& what) {
    for (const auto& problem : what.problems) {
        fmt::print(stderr, "restpoint: {}\n", config::to_string(problem));
    }
    const bool misunderstood = std::ranges::any_of(what.problems, [](const auto& problem) {
        return problem.what == config::problem::kind::command_line;
    });
    return misunderstood ? 2 : 1;
}

} // namespace restpoint
