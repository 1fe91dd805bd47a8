// What to type for a single database, which is never restored over the live cluster. Pure.
#pragma once

#include "backrest/command.hpp"
#include "http/request.hpp"

#include <string>

namespace restpoint::api {

struct restore_advice {
    std::string command = {}; ///< for a shell
    std::string warning = {}; ///< what the command does that one may not expect
};

/// A `name` that a request gives stands in the command only when it is one.
[[nodiscard]] restore_advice advise_databases(
    const backrest::invocation& how, const http::request& asked);

} // namespace restpoint::api
