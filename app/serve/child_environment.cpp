#include "serve/child_environment.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace restpoint {
namespace {

constexpr std::array<std::string_view, 8> withheld{
    "RESTPOINT_",
    "NOTIFY_SOCKET=",
    "WATCHDOG_",
    "PGBACKREST_STANZA=",
    "PGBACKREST_CONFIG=",
    "PGBACKREST_OUTPUT=",
    "PGBACKREST_LOG_LEVEL_",
    "PGBACKREST_LOG_TIMESTAMP="};

bool is_withheld(std::string_view entry) {
    return std::ranges::any_of(
        withheld, [&](std::string_view prefix) { return entry.starts_with(prefix); });
}

} // namespace

std::vector<std::string> child_environment(
    const char* const* ours, const std::map<std::string, std::string>& added) {
    std::vector<std::string> environment;
    for (; *ours != nullptr; ++ours) {
        const std::string_view entry = *ours;
        const std::string name{entry.substr(0, entry.find('='))};
        if (!is_withheld(entry) && !added.contains(name)) {
            environment.emplace_back(entry);
        }
    }
    for (const auto& [name, value] : added) {
        environment.push_back(name + "=" + value);
    }
    return environment;
}

} // namespace restpoint
