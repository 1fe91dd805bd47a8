#include "process/stop_ladder.hpp"

namespace restpoint::process {

namespace {

constexpr std::chrono::milliseconds kill_again_after{1000};

} // namespace

stop_step next_stop_step(const stop_state& now, std::chrono::milliseconds grace) {
    if (!now.tree_alive) {
        return stop_step::done;
    }
    if (now.since_kill.count() >= 0) { // after a KILL there is no way back to TERM
        return now.since_kill >= kill_again_after ? stop_step::kill : stop_step::wait;
    }
    if (!now.term_sent) {
        return stop_step::terminate;
    }
    return now.since_term >= grace ? stop_step::kill : stop_step::wait;
}

std::chrono::milliseconds time_to_next_step(
    const stop_state& now, std::chrono::milliseconds grace) {
    if (next_stop_step(now, grace) != stop_step::wait) {
        return std::chrono::milliseconds{0};
    }
    return now.since_kill.count() >= 0 ? kill_again_after - now.since_kill : grace - now.since_term;
}

} // namespace restpoint::process
