// The control file of a data directory, which says whose it is while no server does. Pure: bytes in,
// values out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace restpoint::postgres {

struct control_data {
    std::uint64_t system_id = 0;
    std::uint32_t timeline = 0;   ///< of the last checkpoint
    std::uint64_t checkpoint = 0; ///< its position in the WAL
    bool shut_down = false;       ///< orderly; else recovery comes first

    friend bool operator==(const control_data&, const control_data&) = default;
};

/// Of global/pg_control as PostgreSQL 11 and later write it on this machine (pg_control.h,
/// ControlFileData). None for what is none.
[[nodiscard]] std::optional<control_data> parse_control_data(std::string_view file);

} // namespace restpoint::postgres
