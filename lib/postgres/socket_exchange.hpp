// One question and one answer over a Unix socket, blocking, with a deadline: for supervisord and
// for the agent.
#pragma once

#include "base/result.hpp"
#include "postgres/control.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace restpoint::postgres {

struct socket_question {
    std::string path;
    std::string bytes;
    /// Whether what has come is the whole answer; else it ends with the connection.
    std::function<bool(std::string_view)> is_whole = [](std::string_view) { return false; };
};

/// Fails with `not_found` when there is no socket, `forbidden` when we may not use it,
/// `unavailable` when nobody listens or the answer is broken off, `timed_out`, `io`; the failures
/// name the path.
[[nodiscard]] result<std::string> ask_socket(const socket_question& what, deadline_time deadline);

} // namespace restpoint::postgres
