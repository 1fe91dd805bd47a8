// Restores of single databases: which ones a page means, and what to type to get at one of them
// without emptying the others. Pure.
#pragma once

#include "backrest/command.hpp"
#include "base/result.hpp"
#include "http/request.hpp"

#include <span>
#include <string>
#include <vector>

namespace restpoint::api {

struct restore_advice {
    std::string command = {}; ///< for a shell
    std::string warning = {}; ///< what the command does that one may not expect
};

/// The values of `name`, each once. Fails with `invalid` where there is none, or one that is no name
/// of a database.
[[nodiscard]] result<std::vector<std::string>> database_names(const http::request& asked);

/// "database 'a'", "databases 'a' and 'b'".
[[nodiscard]] std::string quoted_list(std::span<const std::string> names);

[[nodiscard]] restore_advice advise_databases(
    const backrest::invocation& how, std::span<const std::string> names);

} // namespace restpoint::api
