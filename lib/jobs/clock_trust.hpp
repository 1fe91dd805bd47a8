// Whether the wall clock may be believed when it says that something is old. A machine that starts
// with a wrong date, or whose date is set wrong, must not lose its history to it. Pure: the clocks
// are arguments.
#pragma once

#include "base/time_text.hpp"

#include <chrono>
#include <optional>

namespace restpoint::jobs {

class clock_trust {
  public:
    using steady = std::chrono::steady_clock::time_point;

    /// A step that is smaller than this makes nothing much older than it is.
    static constexpr std::chrono::hours tolerated{24};

    /// `newest`: the youngest time on record. A clock that is more than `tolerated` beside it is
    /// doubted, be it that restpoint was down for so long, until it has gone on evenly for
    /// `believe_after`.
    clock_trust(
        wall_time now, steady at, std::optional<wall_time> newest,
        std::chrono::milliseconds believe_after);

    /// Asked again and again: a step of more than `tolerated` since the last time begins the wait
    /// anew.
    [[nodiscard]] bool believes(wall_time now, steady at);

  private:
    std::chrono::milliseconds believe_after_;
    wall_time wall_;
    steady steady_;
    std::optional<steady> doubted_since_ = {};
};

} // namespace restpoint::jobs
