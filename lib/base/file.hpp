// Small files, whole: read, and written so that a crash leaves the old or the new content, never a
// mixture.
#pragma once

#include "base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace restpoint {

/// The content of a file. Fails with `not_found` when it is not there, with `invalid` when it is
/// larger than `limit` bytes, or a pipe or socket, for which nobody waits.
[[nodiscard]] result<std::string> read_file(
    const std::filesystem::path& path, std::size_t limit = 16U << 20U);

/// The last `limit` bytes of a file, from the beginning of a line on.
[[nodiscard]] result<std::string> read_tail(const std::filesystem::path& path, std::size_t limit);

/// Replaces `path` by `content`: a temporary file beside it, synced, renamed, the folder synced.
/// `mode` is its permission bits. Follows no link, neither at `path` nor at the temporary, PATH.tmp.
[[nodiscard]] result<> write_file(
    const std::filesystem::path& path, std::string_view content, unsigned mode = 0600);

/// fsync of a folder, so that names made or renamed in it survive a power cut.
[[nodiscard]] result<> sync_folder(const std::filesystem::path& folder);

/// Writes all of `data` to `fd`, over short writes and interruptions. On failure some of it may
/// have been written.
[[nodiscard]] result<> write_all(int fd, std::string_view data);

} // namespace restpoint
