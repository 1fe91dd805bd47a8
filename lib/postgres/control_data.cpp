#include "postgres/control_data.hpp"

#include <cstddef>
#include <cstring>

namespace restpoint::postgres {
namespace {

// Offsets in ControlFileData; checkPointCopy begins at 40.
constexpr std::size_t at_version = 8;
constexpr std::size_t at_state = 16;
constexpr std::size_t at_checkpoint = 32;
constexpr std::size_t at_timeline = 48;
constexpr std::size_t least_size = 56;

// PG_CONTROL_VERSION: of 11, and far above that of 18 (1800).
constexpr std::uint32_t oldest_version = 1100;
constexpr std::uint32_t newest_version = 9900;

// DBState
constexpr std::uint32_t shut_down = 1;
constexpr std::uint32_t shut_down_in_recovery = 2;

template <class Number>
Number read(std::string_view file, std::size_t at) {
    Number value = 0;
    std::memcpy(&value, file.data() + at, sizeof value);
    return value;
}

} // namespace

std::optional<control_data> parse_control_data(std::string_view file) {
    if (file.size() < least_size) {
        return std::nullopt;
    }
    const auto version = read<std::uint32_t>(file, at_version);
    control_data told;
    told.system_id = read<std::uint64_t>(file, 0);
    told.timeline = read<std::uint32_t>(file, at_timeline);
    if (version < oldest_version || version > newest_version || told.system_id == 0 ||
        told.timeline == 0) {
        return std::nullopt;
    }
    told.checkpoint = read<std::uint64_t>(file, at_checkpoint);
    const auto state = read<std::uint32_t>(file, at_state);
    told.shut_down = state == shut_down || state == shut_down_in_recovery;
    return told;
}

} // namespace restpoint::postgres
