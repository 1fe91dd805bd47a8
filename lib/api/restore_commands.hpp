// What to type while restores are not part of the service yet. Pure.
#pragma once

#include "backrest/command.hpp"
#include "http/request.hpp"

#include <string>

namespace restpoint::api {

struct restore_advice {
    std::string command = {}; ///< for a shell
    std::string warning = {}; ///< what the command does that one may not expect
};

/// `delta`, `db`, `time/latest`: the classic pages of these names. A `target` or `name` that a
/// request gives stands in the command only when it is one.
[[nodiscard]] restore_advice advise_delta(const backrest::invocation& how);
[[nodiscard]] restore_advice advise_databases(
    const backrest::invocation& how, const http::request& asked);
[[nodiscard]] restore_advice advise_time(
    const backrest::invocation& how, const http::request& asked);

} // namespace restpoint::api
