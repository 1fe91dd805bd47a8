// What a short pgbackrest command printed, or why it printed nothing of use. Pure.
#pragma once

#include "base/result.hpp"
#include "process/capture.hpp"

#include <string>
#include <string_view>

namespace restpoint::jobs {

/// Its standard output when it exited 0; else `unavailable` with its own words, or with what its
/// exit code means. `command` is for the message: "info".
[[nodiscard]] result<std::string> output_of(
    std::string_view command, result<process::captured> ended);

} // namespace restpoint::jobs
