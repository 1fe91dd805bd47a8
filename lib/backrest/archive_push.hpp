// The push of one WAL segment into the archive, for who has a segment that PostgreSQL no longer has.
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

} // namespace restpoint::backrest
