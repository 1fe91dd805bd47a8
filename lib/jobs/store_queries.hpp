// What the store asks of its tables, on its own thread.
#pragma once

#include "jobs/sqlite.hpp"
#include "jobs/store.hpp"

namespace restpoint::jobs {

/// As the operations of the same name in `store`.
[[nodiscard]] result<job_id> insert_job(database& db, const job& what);
[[nodiscard]] result<> update_job(database& db, const job& what);
[[nodiscard]] result<std::optional<job>> find_job(database& db, job_id id);
[[nodiscard]] result<std::vector<job>> list_jobs(database& db, const job_filter& filter);
[[nodiscard]] result<std::vector<job>> unfinished_jobs(database& db);
[[nodiscard]] result<job_id> last_job_id(database& db);
/// From now on new ids are above `least`.
[[nodiscard]] result<> raise_job_ids(database& db, job_id least);
[[nodiscard]] result<> insert_audit(database& db, const audit_entry& entry, wall_time at);

/// Writes the time of this opening; `read_opening` gives it back.
[[nodiscard]] result<> write_opening(database& db, wall_time at);
[[nodiscard]] result<std::optional<wall_time>> read_opening(database& db);

} // namespace restpoint::jobs
