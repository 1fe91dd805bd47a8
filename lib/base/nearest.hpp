// What somebody may have meant. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace restpoint {

/// The name among `candidates` that `name` was meant to be; empty when none is near.
[[nodiscard]] std::string nearest(
    std::string_view name, const std::vector<std::string>& candidates);

} // namespace restpoint
