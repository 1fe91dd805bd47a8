// A job as a row of the table `jobs`, and back.
#pragma once

#include "jobs/job.hpp"
#include "jobs/sqlite.hpp"

#include <chrono>

namespace restpoint::jobs {

/// Times are rows' integers: microseconds since 1970, UTC.
[[nodiscard]] std::int64_t to_microseconds(wall_time t);
[[nodiscard]] wall_time from_microseconds(std::int64_t us);

/// The columns in the order of bind_job(), without the id: "kind, stanza, …".
[[nodiscard]] const std::string& job_columns();

/// "?, ?, …", one for each of the columns.
[[nodiscard]] const std::string& job_placeholders();

void bind_job(statement& into, const job& what);

/// The job of the current row of `select id, <job_columns> …`. Fails with `unusable_state` when a
/// column holds a word that this program does not know.
[[nodiscard]] result<job> read_job(statement& from);

} // namespace restpoint::jobs
