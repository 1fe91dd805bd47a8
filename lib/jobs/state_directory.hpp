// The state directory: checked before anything is written into it, and owned by one service at a
// time.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace restpoint::jobs {

/// The name of the network, cluster or FUSE file system with this `f_type` of statfs(2), on which
/// SQLite's WAL mode is unsafe; empty for any other.
[[nodiscard]] std::string_view network_file_system(std::uint32_t magic);

class state_directory {
  public:
    /// Makes `path` and `path/jobs` (0700) when they are not there, but no parent of `path`, and
    /// takes the lock, which lasts as long as the object (or until the process ends). Fails with
    /// `unusable_state`, each with its sentence: on a network file system (NFS, SMB, FUSE: SQLite's
    /// WAL mode is unsafe there), read-only, not ours, writable for others, less than 16 MiB free;
    /// with `conflict` when another restpoint holds it (the detail names its pid).
    [[nodiscard]] static result<state_directory> claim(const std::filesystem::path& path);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path jobs() const { return path_ / "jobs"; }

  private:
    state_directory(std::filesystem::path path, unique_fd lock);
    std::filesystem::path path_;
    unique_fd lock_;
};

} // namespace restpoint::jobs
