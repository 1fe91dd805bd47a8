// What belongs to the configuration of a cluster below the top of its data directory: files that
// postgresql.conf includes, certificates that it names.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::restore {

/// A line of postgresql.conf; quotes taken off the value.
struct configured_value {
    std::string name = {}; ///< in small letters: "include_dir"
    std::string value = {};

    friend bool operator==(const configured_value&, const configured_value&) = default;
};

/// The lines that set or include something, in their order (PostgreSQL, 20.1.2). Pure.
[[nodiscard]] std::vector<configured_value> configured_values(std::string_view text);

struct configuration_paths {
    std::vector<std::filesystem::path> files = {}; ///< relative to the data directory
    std::vector<std::filesystem::path> folders =
        {}; ///< of include_dir: all that is in there counts
};

/// Those of the configuration in `folder` that lie in folders of it and not in PostgreSQL's own.
/// `home` is the data directory that it is written for: paths in there are paths in `folder`.
/// Blocking.
[[nodiscard]] configuration_paths find_configuration_paths(
    const std::filesystem::path& folder, const std::filesystem::path& home);

} // namespace restpoint::restore
