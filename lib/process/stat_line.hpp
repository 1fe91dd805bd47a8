// /proc/PID/stat as values (proc(5)). Parsing is pure.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace restpoint::process {

struct stat_line {
    pid_t pid = 0;
    char state = '?'; ///< field 3; 'Z' and 'X' are dead, only not reaped yet
    pid_t parent = 0;
    pid_t group = 0;
    pid_t session = 0;
    std::uint64_t start_ticks = 0; ///< field 22

    [[nodiscard]] bool is_dead() const { return state == 'Z' || state == 'X' || state == 'x'; }

    friend bool operator==(const stat_line&, const stat_line&) = default;
};

/// None for anything that is not such a line. The name of the program (field 2) may hold blanks,
/// parentheses and line feeds; it ends at the last ')'.
[[nodiscard]] std::optional<stat_line> parse_stat_line(std::string_view text);

/// The line of a process; none when it is gone. Zombies have one.
[[nodiscard]] std::optional<stat_line> read_stat_line(pid_t pid);

} // namespace restpoint::process
