// Who follows a server, and what a restore would take from it: the question, and its answer as
// values. Pure; probe.hpp asks.
#pragma once

#include "base/time_text.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace restpoint::postgres {

struct neighbours {
    wall_time now = {};                        ///< by the server's clock
    std::optional<wall_time> last_commit = {}; ///< with track_commit_timestamp
    /// What starts and stops the server besides its service: "Patroni". Empty: nothing that shows.
    std::string manager = {};
    std::vector<std::string> standbys = {};    ///< application names of physical replication
    std::vector<std::string> subscribers = {}; ///< logical slots that somebody reads
    std::vector<std::string> slots = {};       ///< all replication slots
    std::vector<std::string> prepared = {};    ///< transactions
    std::vector<std::string> tablespaces = {}; ///< their directories

    friend bool operator==(const neighbours&, const neighbours&) = default;
};

/// One row; PostgreSQL 10 and later.
[[nodiscard]] const std::string& neighbours_question();

/// None when the row is not an answer to that question.
[[nodiscard]] std::optional<neighbours> read_neighbours(std::span<const std::string> row);

} // namespace restpoint::postgres
