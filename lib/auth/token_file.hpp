// The tokens file on its disk. Blocking, and small: a few kilobytes on a local disk.
#pragma once

#include "auth/token.hpp"
#include "auth/token_table.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

namespace restpoint::auth {

/// Tells one state of a file from another without reading it; all zero for a file that is not
/// there.
struct file_mark {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0; ///< of the owner and the permissions too

    friend bool operator==(const file_mark&, const file_mark&) = default;
};

[[nodiscard]] file_mark mark_of(const std::filesystem::path& path);

/// Fails with `not_found` when there is no file, and with `invalid` when it belongs to another user
/// (root may own it), when others may read or change it, or when a line is not understood. A group
/// may read it: that is how Kubernetes gives secrets.
[[nodiscard]] result<token_table> read_token_file(const std::filesystem::path& path);

/// Changes the file as `change` changes its table, under a lock, so that two edits at a time do not
/// lose one; the new file (0600) is there whole, and on disk, or the old one stays. What `change`
/// fails with is passed on. The folder is made when only it is missing.
[[nodiscard]] result<> edit_token_file(
    const std::filesystem::path& path, const std::function<result<>(token_table&)>& change);

/// Takes the token of this name out of the file, as edit_token_file() does. Where the disk takes no
/// new file, because it is full for instance, its hash is overwritten in the old one: the token is
/// dead, and its line goes with the next edit. Fails with `not_found`.
[[nodiscard]] result<> revoke_token(const std::filesystem::path& path, std::string_view name);

/// Straight from the kernel (getrandom).
[[nodiscard]] token_bits draw_token_bits();

} // namespace restpoint::auth
