// What retention asks of the tables, on the store's thread.
#pragma once

#include "jobs/retention.hpp"
#include "jobs/sqlite.hpp"
#include "jobs/store.hpp"

namespace restpoint::jobs {

/// As the operations of the same name in `store`.
[[nodiscard]] result<std::optional<wall_time>> newest_time(database& db);
[[nodiscard]] result<retention_page> jobs_ended_before(
    database& db, wall_time before, const retention_cursor& after, int limit);
[[nodiscard]] result<retention_page> jobs_with_logs(database& db, job_id after, int limit);
[[nodiscard]] result<> delete_jobs(database& db, const std::vector<job_id>& ids);
[[nodiscard]] result<> note_removed_logs(
    database& db, const std::vector<job_id>& ids, wall_time at);
[[nodiscard]] result<std::int64_t> delete_records(database& db, wall_time before, int limit);
[[nodiscard]] result<std::int64_t> delete_refusals(database& db, std::int64_t keep, int limit);

} // namespace restpoint::jobs
