// A job watched to its end through its events: a connection that breaks, and a service that is
// started anew, cost nothing but time.
#pragma once

#include "client/exchange.hpp"
#include "client/interrupts.hpp"
#include "client/values.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace restpoint::client {

enum class after_interrupt { detach, go_on };

struct follow_options {
    std::string id = {};
    std::string level = {}; ///< of the lines that are wanted; empty: all
    /// How long the service may be away.
    std::chrono::milliseconds patience{60000};
    std::function<void(std::string_view)> line = {};
    std::function<void(const progress&)> moved = {};
    std::function<void(const failure&)> trouble = {}; ///< it is tried again
    std::function<after_interrupt()> interrupted = {};
};

struct followed {
    enum class how { ended, left, refused, lost };
    how what = how::lost;
    std::string job_json = {}; ///< of a job that ended
    answer refused = {};
    failure lost = {};
};

[[nodiscard]] followed follow(const door& to, interrupts& ctrl_c, const follow_options& options);

} // namespace restpoint::client
