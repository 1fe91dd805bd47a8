// The bare commands of a plan, for the day on which restpoint cannot help. Pure.
#pragma once

#include "backrest/command.hpp"
#include "restore/plan.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace restpoint::restore {

/// pgBackRest's command of a plan that has a set.
[[nodiscard]] backrest::restore command_of(const plan& made);

/// Lines for a shell, in their order; what a person has to do stands in comments. The present data
/// are moved aside, never overwritten. `data` is the data directory, empty when it is not known.
/// Empty for a plan that
/// is refused.
[[nodiscard]] std::vector<std::string> runbook(
    const plan& made, const backrest::invocation& how, const std::filesystem::path& data);

} // namespace restpoint::restore
