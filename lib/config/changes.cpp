#include "config/changes.hpp"

namespace restpoint::config {

std::vector<std::string> changed_keys(
    const settings& before, const settings& after, std::span<const key> table) {
    std::vector<std::string> names;
    for (const auto& row : table) {
        if (row.get(before) != row.get(after)) {
            names.push_back(row.name);
        }
    }
    return names;
}

} // namespace restpoint::config
