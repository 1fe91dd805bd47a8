// Which backup set of a repo leads to a target, through which WAL; or why none does. Pure.
#pragma once

#include "restore/plan.hpp"

#include <optional>
#include <string>
#include <vector>

namespace restpoint::restore {

/// What one repo can do for a request.
struct choice {
    std::int64_t repo = 0;
    std::uint32_t timeline = 0;
    std::optional<backrest::backup_info> set = {};
    std::optional<backrest::segment_name> wal_to = {};
    /// The newest WAL that is there on the timeline: what "up to now" means without a server.
    std::optional<backrest::lsn> wal_end = {};
    std::int64_t wal_end_time = 0; ///< seconds since 1970, 0: not known
    bool needs_server = false;     ///< the target is in WAL that only the server has yet
    std::vector<refusal> refusals = {};
    std::vector<std::string> warnings = {};
};

/// Looks for the set in `repo`.
[[nodiscard]] choice choose_set(
    const plan_request& asked, const plan_facts& facts, std::int64_t repo);

} // namespace restpoint::restore
