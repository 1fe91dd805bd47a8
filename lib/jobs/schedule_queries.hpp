// What the store asks of the tables of schedules, on its own thread.
#pragma once

#include "jobs/schedule_record.hpp"
#include "jobs/sqlite.hpp"

#include <optional>
#include <string>
#include <vector>

namespace restpoint::jobs {

/// As the operations of the same name in `store`.
[[nodiscard]] result<std::optional<schedule_memory>> recall(
    database& db, const std::string& schedule);
[[nodiscard]] result<> remember(database& db, const schedule_memory& what);
[[nodiscard]] result<> forget_all_but(database& db, const std::vector<std::string>& schedules);
[[nodiscard]] result<> settle_run(database& db, const schedule_run& what);
[[nodiscard]] result<job_id> insert_scheduled(
    database& db, const job& what, schedule_run as, const std::optional<job>& superseded);
[[nodiscard]] result<> supersede(database& db, const job& waited, const job& by, wall_time now);
[[nodiscard]] result<std::vector<schedule_run>> schedule_runs(
    database& db, const std::string& schedule, int limit);

} // namespace restpoint::jobs
