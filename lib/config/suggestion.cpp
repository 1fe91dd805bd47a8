#include "base/nearest.hpp"
#include "config/assignment.hpp"

#include <fmt/format.h>

namespace restpoint::config {

std::string suggestion(std::string_view name, std::span<const key> table) {
    if (section_of(name) == "schedule" || section_of(name) == "schedules") {
        return "schedules stand in the file only, each under a [[schedule]] of its own";
    }
    std::vector<std::string> names;
    std::vector<std::string> same_leaf;
    for (const auto& row : table) {
        names.push_back(row.name);
        if (leaf_of(row.name) == leaf_of(name)) {
            same_leaf.push_back(row.name);
        }
    }
    auto best = nearest(name, names);
    if (best.empty() && same_leaf.size() == 1) {
        best = same_leaf.front(); // the right key in the wrong section
    }
    return best.empty() ? "'restpoint config table' lists every key"
                        : fmt::format("did you mean '{}'?", best);
}

} // namespace restpoint::config
