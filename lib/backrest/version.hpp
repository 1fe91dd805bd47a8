// Which pgBackRest this is, and what follows from it.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::backrest {

struct program_version {
    int major = 0;
    int minor = 0;
    int patch = 0;

    friend auto operator<=>(const program_version&, const program_version&) = default;
};

/// Takes "pgBackRest 2.45", "pgBackRest 2.59.1", "pgBackRest 2.60dev"; none for anything else.
[[nodiscard]] std::optional<program_version> parse_version(std::string_view output);

[[nodiscard]] std::string to_string(const program_version& version);

/// What a version can do, from its release notes.
struct features {
    bool running_sizes_in_info = false;    ///< 2.48: size and size-cplt of a running backup
    bool concurrent_repos = false;         ///< 2.53: backups on different repos at the same time
    bool verify_set = false;               ///< 2.55: verify --set
    bool timeline_precheck = false;        ///< 2.55: restore checks the target timeline first
    bool restore_progress_in_info = false; ///< 2.56
};

/// The oldest version restpoint is tested with.
inline constexpr program_version oldest_supported{2, 45, 0};

[[nodiscard]] features features_of(const program_version& version);

} // namespace restpoint::backrest
