// What a second look at the configuration finds changed.
#pragma once

#include "config/key.hpp"

#include <span>
#include <string>
#include <vector>

namespace restpoint::config {

/// The names of the keys whose values differ, in the order of the table. Schedules are not among
/// them.
[[nodiscard]] std::vector<std::string> changed_keys(
    const settings& before, const settings& after, std::span<const key> table = keys());

} // namespace restpoint::config
