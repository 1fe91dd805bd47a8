// What this process uses, as the kernel counts it (proc(5)).
#pragma once

#include "base/time_text.hpp"

#include <cstdint>

namespace restpoint {

/// Zeros where the kernel does not tell.
struct own_process {
    double cpu_seconds = 0; ///< user and system; children not counted
    std::uint64_t resident_bytes = 0;
    std::uint64_t virtual_bytes = 0;
    std::uint64_t open_descriptors = 0;
    std::uint64_t most_descriptors = 0; ///< the soft limit
    wall_time started = {};
};

/// Some system calls; does not wait.
[[nodiscard]] own_process measure_own_process();

} // namespace restpoint
