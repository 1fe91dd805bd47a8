// So many lines a second and no more, with a count of those left out: what is refused is written
// down with a sync to the disk each, and who is refused chooses how often. Pure: time is handed in.
#pragma once

#include <chrono>
#include <cstdint>

namespace restpoint::api {

class rate_limit {
  public:
    using clock = std::chrono::steady_clock;

    explicit rate_limit(std::uint64_t a_second) : most_(a_second) {}

    enum class advice {
        write,
        announce, ///< the first to be left out: say that what follows is counted only
        leave_out
    };

    struct verdict {
        advice what = advice::write;
        std::uint64_t left_out = 0; ///< before this one, and not told yet
    };

    /// What to do with a line that comes at `now`, which never goes back. A second begins with the
    /// first line after the one before.
    [[nodiscard]] verdict ask(clock::time_point now);

    /// How many were left out in a second that is over, once. For whoever tells them when no other
    /// line comes.
    [[nodiscard]] std::uint64_t take_left_out(clock::time_point now);

  private:
    std::uint64_t most_;
    clock::time_point began_ = {};
    std::uint64_t asked_ = 0; ///< since began_
};

} // namespace restpoint::api
