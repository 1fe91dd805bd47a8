// What a start goes by, from `flags`, the environment of this process and the file; read once more
// for a reload.
#pragma once

#include "config/load.hpp"
#include "schedules.hpp"

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace restpoint {

struct configuration {
    std::vector<std::string> flags = {}; ///< what it was read by, besides the environment
    config::loaded loaded = {};          ///< its problems are all there are, of the schedules too
    schedule_set schedules = {};
};

[[nodiscard]] configuration load_configuration(std::span<const std::string> flags);

/// auth.tokens_file, or where it is by default.
[[nodiscard]] std::filesystem::path tokens_file_of(const config::settings& settings);

/// Writes every problem to standard error and returns the exit code they mean: 1, or 2 when a flag
/// was not understood.
int report_problems(const config::loaded& what);

} // namespace restpoint
