// What came over a connection, read as a strict client reads it (RFC 9112).
#pragma once

#include "support/fuzz.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct read_answer {
    int status = 0;
    std::string head = {};
    std::string body = {}; ///< without chunk frames
};

/// The answers to requests of these methods ("HEAD" has no body), in order. Demands that each is
/// well-formed; the last may be cut where it is framed and the connection was closed on purpose.
[[nodiscard]] std::vector<read_answer> read_answers(
    std::string_view bytes, const std::vector<std::string>& methods);
