// What an errno of accept() means for the listener. Pure.
#pragma once

#include <chrono>

namespace restpoint::http {

enum class accept_verdict {
    none_waiting, ///< wait for the next connection
    next,         ///< that one connection is lost, the next may be there already
    back_off,     ///< out of descriptors or memory: trying at once would only spin
    fail          ///< the listener itself is broken
};

[[nodiscard]] accept_verdict judge_accept_error(int error_number);

/// The next wait of an episode: 50 ms, doubled up to one second. `last` is zero for the first.
[[nodiscard]] std::chrono::milliseconds next_back_off(std::chrono::milliseconds last);

} // namespace restpoint::http
