// An expression against the calendar alone: local minutes, no zone, every day of 24 hours. Pure.
#pragma once

#include "schedule/cron.hpp"

#include <chrono>

namespace restpoint::schedule {

/// The first matching minute at or after `from`; `until` or a time after it when there is none
/// before `until`.
[[nodiscard]] std::chrono::local_seconds first_match(
    const cron& what, std::chrono::local_seconds from, std::chrono::local_seconds until);

} // namespace restpoint::schedule
