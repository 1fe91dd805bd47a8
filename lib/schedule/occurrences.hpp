// When an expression is due in a zone. Pure.
//
// The rule at clock changes. An expression whose hour field covers all 24 hours follows elapsed
// time: it runs in both passes of an hour that comes twice, and nothing is made up for one that is
// skipped. Any other means times of the day: what a skipped stretch held runs once, the moment the
// stretch is over (together with what is due then anyway), and a time that comes twice runs the
// first time only.
#pragma once

#include "base/time_text.hpp"
#include "schedule/clocks.hpp"
#include "schedule/cron.hpp"

#include <chrono>
#include <optional>

namespace restpoint::schedule {

/// The first due time strictly after `after`. None only when the next one lies beyond what
/// wall_time can express (the year 2262). Costs tens of nanoseconds while the next one is near, and
/// microseconds for one that is years away.
[[nodiscard]] std::optional<wall_time> next_run(
    const cron& what, const clocks& zone, wall_time after);

/// The newest due time after `after` that is not after `until`. Does not walk from `after`.
[[nodiscard]] std::optional<wall_time> last_run(
    const cron& what, const clocks& zone, wall_time after, wall_time until);

/// The shortest time between two runs of one after the other, where no clock changes.
[[nodiscard]] std::chrono::minutes smallest_distance(const cron& what);

} // namespace restpoint::schedule
