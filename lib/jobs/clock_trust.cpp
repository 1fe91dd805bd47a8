#include "jobs/clock_trust.hpp"

namespace restpoint::jobs {

clock_trust::clock_trust(
    wall_time now, steady at, std::optional<wall_time> newest,
    std::chrono::milliseconds believe_after)
    : believe_after_(believe_after), wall_(now), steady_(at) {
    if (newest && std::chrono::abs(now - *newest) > tolerated) {
        doubted_since_ = at;
    }
}

bool clock_trust::believes(wall_time now, steady at) {
    const auto step = now - wall_ - (at - steady_);
    wall_ = now;
    steady_ = at;
    if (std::chrono::abs(step) > tolerated) {
        doubted_since_ = at;
    }
    if (doubted_since_ && at - *doubted_since_ >= believe_after_) {
        doubted_since_.reset();
    }
    return !doubted_since_;
}

} // namespace restpoint::jobs
