// A job's log on disk, for reading: one descriptor that all its readers share. What is warm in the
// page cache is read at once; what is not is for a thread that may wait.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <boost/system/error_code.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace restpoint::jobs {

/// try_again means that the bytes are not in the page cache (or that nobody can tell).
enum class reading { only_warm, may_block };

class log_file {
  public:
    /// Fails with `gone` when there is no such file, `unavailable` when we are out of descriptors,
    /// `io` otherwise.
    [[nodiscard]] static result<std::shared_ptr<const log_file>> open(
        const std::filesystem::path& path);

    /// Its length now.
    [[nodiscard]] std::uint64_t size() const;

    /// Whether its name was removed; what it holds can still be read.
    [[nodiscard]] bool removed() const;

    /// Fills `target` from `offset` on; fewer bytes only where the file ends. May be called on any
    /// thread.
    [[nodiscard]] boost::system::result<std::size_t> read(
        std::uint64_t offset, std::span<char> target, reading how) const;

  private:
    explicit log_file(unique_fd fd) : fd_(std::move(fd)) {}
    unique_fd fd_;
};

/// The same for a log that nobody has open.
[[nodiscard]] result<std::uint64_t> size_of_log(const std::filesystem::path& path);

} // namespace restpoint::jobs
