// What processes have read, and which files they have open, as the kernel tells (proc(5)). Of
// processes of our own user only: others are not ours to look into.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::process {

/// `rchar` of /proc/PID/io: bytes that were read, from the disk or from memory. None for another
/// text.
[[nodiscard]] std::optional<std::uint64_t> parse_bytes_read(std::string_view text);

/// The living direct children, asked of the parent alone where the kernel allows that.
[[nodiscard]] std::vector<pid_t> workers_of(pid_t parent);

/// The absolute paths that a process has open, sockets and pipes left out; at most 64.
[[nodiscard]] std::vector<std::filesystem::path> open_files_of(pid_t pid);

/// The sum of what the workers of one process read, those included that have ended.
class read_counter {
  public:
    /// Looks at these now. The sum never falls.
    [[nodiscard]] std::uint64_t count(const std::vector<pid_t>& workers);

  private:
    std::map<pid_t, std::uint64_t> alive_ = {};
    std::uint64_t ended_ = 0;
};

} // namespace restpoint::process
