// Carries out an order to start or stop the server, and tells what it waits for. BLOCKING: what a
// child of restpoint does.
#pragma once

#include "base/result.hpp"
#include "postgres/control.hpp"
#include "postgres/server_order.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

namespace restpoint::postgres {

struct drive_options {
    std::chrono::milliseconds stop_deadline{600'000};
    std::chrono::milliseconds start_deadline{3'600'000}; ///< a recovery from WAL takes its time
    std::chrono::milliseconds explain_after{15'000};     ///< a stop that lasts longer is explained
    std::function<void(std::string_view step, std::string_view text)> say_step = {};
    std::function<void(const failure& why)> warn = {}; ///< of what is waited for
};

struct drive_report {
    run_state state = run_state::unknown; ///< at the end
    std::optional<std::chrono::milliseconds> stop_took = {};
    std::optional<std::chrono::milliseconds> start_took = {};
};

/// Good when it is so already. A restart whose stop fails starts nothing.
[[nodiscard]] result<drive_report> drive(
    control& server, const server_order& what, const drive_options& how);

} // namespace restpoint::postgres
