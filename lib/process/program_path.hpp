// Which file a program name means: the PATH lookup of execvp(3), done before the fork, and without
// its search of the working directory.
#pragma once

#include "base/result.hpp"

#include <string>
#include <vector>

namespace restpoint::process {

/// `name` itself when it holds a slash; else the first executable of that name in the PATH of
/// `environment` ("/usr/bin:/bin" when it has none). Empty and relative elements of PATH are
/// skipped: what runs must not depend on a working directory. Fails with `not_found`, or with `io`
/// when there is such a file but we may not execute it.
[[nodiscard]] result<std::string> find_program(
    const std::string& name, const std::vector<std::string>& environment);

} // namespace restpoint::process
