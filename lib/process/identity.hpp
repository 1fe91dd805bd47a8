// Which process it really was: a pid alone is reused, a pid with its start time and the boot is
// not.
#pragma once

#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace restpoint::process {

struct identity {
    pid_t pid = 0;
    std::uint64_t start_ticks = 0; ///< field 22 of /proc/PID/stat (proc(5)): clock ticks after boot
    std::string boot_id = {};      ///< /proc/sys/kernel/random/boot_id

    friend bool operator==(const identity&, const identity&) = default;
};

/// /proc/sys/kernel/random/boot_id of the running kernel; empty when it cannot be read.
[[nodiscard]] const std::string& boot_id();

/// Who has this pid now; none when nobody has, or only a zombie.
[[nodiscard]] std::optional<identity> identify(pid_t pid);

/// A pidfd of that very process, readable when it ends; none when it is gone (or its pid is
/// somebody else's by now).
[[nodiscard]] std::optional<unique_fd> watch(const identity& who);

} // namespace restpoint::process
