// One WAL segment into the archive, for who has one that PostgreSQL no longer has; and out of it.
#pragma once

#include "backrest/command.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace restpoint::backrest {

/// The whole argv of `archive-push`: into every repo, and at an end only when it is there, whatever
/// the configuration says of pushing asynchronously. Says on stderr why it failed. One that is there
/// with the same content is no failure.
[[nodiscard]] std::vector<std::string> archive_push_argv(
    const invocation& how, const std::filesystem::path& segment);

/// The whole argv of `archive-get` of the segment `name` from `repo` into the file `into`. Says on
/// stderr why it failed; exits with 1 where the segment is not there.
[[nodiscard]] std::vector<std::string> archive_get_argv(
    const invocation& how, int repo, const std::string& name, const std::filesystem::path& into);

} // namespace restpoint::backrest
