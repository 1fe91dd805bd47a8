// What a schedule has to do at an instant, from its definition and from how far its due times have
// been answered for. Pure: time is an argument, so every rule here is tested without waiting.
#pragma once

#include "base/time_text.hpp"
#include "schedule/definition.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace restpoint::schedule {

/// A run that begins later than this after its start time is a catch-up.
inline constexpr std::chrono::seconds on_time{60};

/// A schedule that is covered further into the future than this was covered by a clock that has
/// been set back since.
inline constexpr std::chrono::minutes longest_lead{5};

/// Due times that nobody will run.
struct missed_runs {
    static constexpr int most = 1000;

    wall_time first = {};
    wall_time last = {};
    int count = 0; ///< `most` stands for that many or more

    friend bool operator==(const missed_runs&, const missed_runs&) = default;
};

struct decision {
    std::optional<wall_time> run = {}; ///< the due time to carry out now
    bool late = false;                 ///< that run is a catch-up
    std::optional<missed_runs> missed = {};
    /// `covered` lay too far in the future and counted as `now`: who keeps it should lower it. What
    /// has run by then is known by its row, and does not run again.
    bool clock_set_back = false;
    /// When the answer can change, if the clock does not step and `covered` stays; after `now`.
    wall_time look_again = {};

    friend bool operator==(const decision&, const decision&) = default;
};

/// When the run that is due at `due` may begin: less than definition.jitter later, always the same
/// for the same name, due time and seed, and before the next run is due.
[[nodiscard]] wall_time start_of(const definition& what, wall_time due, std::uint64_t jitter_seed);

/// The due times in (covered, now], whether their start times have come or not.
[[nodiscard]] std::optional<missed_runs> due_by(
    const definition& what, wall_time covered, wall_time now);

/// `covered`: every due time up to it has been answered for. Of several in (covered, now] only the
/// newest is run, once its start time has come, and the older ones are missed. A late one
/// (on_time) is missed too where the schedule catches nothing up.
[[nodiscard]] decision decide(
    const definition& what, wall_time covered, wall_time now, std::uint64_t jitter_seed);

} // namespace restpoint::schedule
