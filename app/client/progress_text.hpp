// How far a job is: a bar for a terminal, now and then a line for a pipe. Pure.
#pragma once

#include "client/values.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace restpoint::client {

/// One line of at most `columns` characters of ASCII: the bar takes what the words leave, and goes
/// first when there is no room.
[[nodiscard]] std::string progress_bar(const progress& now, std::size_t columns);

/// Which progress deserves a line where lines stay: each tenth of the whole, and each new phase.
class progress_lines {
  public:
    /// The line, with its end; none when nothing has happened that is worth one.
    [[nodiscard]] std::optional<std::string> look(const progress& now);

  private:
    std::string phase_ = {};
    int tenth_ = 0;
};

} // namespace restpoint::client
