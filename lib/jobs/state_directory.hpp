// The state directory: checked before anything is written into it, and owned by one service at a
// time.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <filesystem>

namespace restpoint::jobs {

class state_directory {
  public:
    /// Makes `path` and `path/jobs` (0700) when they are not there, and takes the lock. Fails with
    /// `unusable_state`, each with its sentence: on a network file system (NFS, SMB, FUSE: SQLite's
    /// WAL mode is unsafe there), read-only, not ours, less than 16 MiB free; with `conflict` when
    /// another restpoint holds it (the detail names its pid).
    [[nodiscard]] static result<state_directory> claim(const std::filesystem::path& path);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path jobs() const { return path_ / "jobs"; }

  private:
    state_directory(std::filesystem::path path, unique_fd lock);
    std::filesystem::path path_;
    unique_fd lock_;
};

} // namespace restpoint::jobs
