// The answer of `repo-ls --output=json` for a small folder of a repo as values. Pure; the archive,
// which can be huge, has archive_listing.hpp.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::backrest {

struct repo_entry {
    std::string name = {};
    bool is_folder = false;
    std::int64_t time = 0; ///< by the clock of the store, seconds since 1970; 0 of a folder

    friend bool operator==(const repo_entry&, const repo_entry&) = default;
};

/// Without the folder itself. Fails with `invalid` on what is not such a list.
[[nodiscard]] result<std::vector<repo_entry>> parse_repo_listing(std::string_view json);

} // namespace restpoint::backrest
