// What a running server writes into its data directory: postmaster.pid as values. Pure. (Lines:
// pid, data directory, start time, port, socket directory, listen address, shared memory, status;
// "Database File Layout" of the manual and src/include/utils/pidfile.h.)
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::postgres {

struct postmaster_file {
    pid_t pid = 0;
    std::string data_dir = {};
    std::int64_t started = 0; ///< seconds since 1970
    unsigned short port = 0;  ///< 0: not written yet
    std::string socket_dir = {};
    std::string status = {}; ///< starting | stopping | ready | standby; empty: not written yet

    friend bool operator==(const postmaster_file&, const postmaster_file&) = default;
};

/// None when the first line is no pid. The pid of a server in single-user mode is negative there,
/// and positive here.
[[nodiscard]] std::optional<postmaster_file> parse_postmaster_file(std::string_view text);

} // namespace restpoint::postgres
