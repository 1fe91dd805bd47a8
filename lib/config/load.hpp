// Where the configuration comes from: flags over environment over file over defaults. Every problem
// is found in one run, each with its place.
#pragma once

#include "config/key.hpp"
#include "config/settings.hpp"

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace restpoint::config {

struct problem {
    enum class kind {
        configuration, ///< a value, a key, a file
        command_line   ///< a flag that does not exist or has no value
    };
    kind what = kind::configuration;
    std::string where = {}; ///< "/etc/restpoint/restpoint.toml:12", "environment NAME", "flag --x"
    std::string key = {};   ///< "server.listen"; empty when it is about no known key
    std::string detail;     ///< what, which, the value and what is allowed; no secrets
    std::string hint = {};

    friend bool operator==(const problem&, const problem&) = default;
};

/// "where: detail" and, on a line of its own, the hint.
[[nodiscard]] std::string to_string(const problem& what);

struct inputs {
    std::vector<std::string> arguments = {};   ///< flags only: --section.key=value, --config FILE
    std::vector<std::string> environment = {}; ///< NAME=value
    std::filesystem::path default_file = "/etc/restpoint/restpoint.toml"; ///< may be absent
};

struct loaded {
    settings values = {};                            ///< not to be used when there are problems
    std::filesystem::path file = {};                 ///< that was read; empty for none
    std::map<std::string, std::string> sources = {}; ///< key to `where`; a default has none.
                                                     ///< Variables as pgbackrest.environment.NAME
    std::vector<problem> problems = {};
};

/// Never fails otherwise than by problems. `table` is for tests of the mechanism.
[[nodiscard]] loaded load(const inputs& from, std::span<const key> table = keys());

} // namespace restpoint::config
