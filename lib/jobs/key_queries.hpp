// What the store asks of the table of request keys, on its own thread.
#pragma once

#include "jobs/request_key.hpp"
#include "jobs/sqlite.hpp"

#include <optional>

namespace restpoint::jobs {

/// Both or neither. Forgets some of the keys that are too old on the way, so that there are never
/// more than a day's, or than there are jobs.
[[nodiscard]] result<job_id> insert_keyed(database& db, const job& what, const request_key& key);
/// As the operation of this name in `store`.
[[nodiscard]] result<std::optional<keyed_job>> find_keyed(
    database& db, const request_key& key, wall_time since);

} // namespace restpoint::jobs
