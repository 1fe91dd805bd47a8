// Space put by for the day when the disk is full: a file that is given up, so that jobs which run
// can still be brought to their end in the store.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <filesystem>

namespace restpoint::jobs {

class disk_reserve {
  public:
    static constexpr std::size_t size = 1U << 20U;

    explicit disk_reserve(std::filesystem::path file) : file_(std::move(file)) {}

    /// Makes the file, really allocated, unless it is there. Fails with `unusable_state` when there
    /// is no room for it.
    [[nodiscard]] result<> make();

    /// Gives the space back to the file system. False when there was none to give.
    [[nodiscard]] bool release();

    /// Makes it again after a release, once there is room for several of it.
    void restore();

    [[nodiscard]] bool is_there() const { return there_; }

  private:
    std::filesystem::path file_;
    bool there_ = false;
};

} // namespace restpoint::jobs
