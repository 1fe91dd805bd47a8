// What the store asks of the table of paused schedules, on its own thread.
#pragma once

#include "jobs/schedule_record.hpp"
#include "jobs/sqlite.hpp"

#include <optional>
#include <string>
#include <vector>

namespace restpoint::jobs {

/// As the operations of the same name in `store`.
[[nodiscard]] result<std::vector<schedule_pause>> pauses(database& db);
[[nodiscard]] result<> pause(database& db, const schedule_pause& what);
[[nodiscard]] result<> resume(
    database& db, const std::string& schedule, const std::optional<schedule_run>& passed);

} // namespace restpoint::jobs
