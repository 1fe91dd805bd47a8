// What a schedule has done and how far it has come, as the store keeps it. Plain values.
#pragma once

#include "base/time_text.hpp"
#include "jobs/job.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace restpoint::jobs {

/// What became of one due time.
enum class run_outcome {
    started,    ///< a job of its own, queued or begun; how that ended stands in the job
    superseded, ///< another scheduled job stands in for it
    missed,     ///< nobody ran it in time, and nobody will
    standby,    ///< this server was a standby, and the schedule runs on the primary
    paused,     ///< somebody had paused the schedule
    left,       ///< another machine has claimed it, or this one may not run it
    failed      ///< it could not be made a job
};

[[nodiscard]] std::string_view to_string(run_outcome outcome);
[[nodiscard]] std::optional<run_outcome> parse_run_outcome(std::string_view text);

/// One due time of a schedule and what became of it; `schedule` and `due` together are its key.
struct schedule_run {
    std::string schedule = {};
    wall_time due = {};
    run_outcome outcome = run_outcome::started;
    bool late = false;              ///< caught up on after its time
    std::optional<job_id> job = {}; ///< its own job, or the one that stands in for it
    std::string reason = {};        ///< why it was not run, for people; empty when it was
    std::string left_to = {};       ///< the machine that has claimed it, where one is known
    wall_time recorded = {};

    friend bool operator==(const schedule_run&, const schedule_run&) = default;
};

/// How far a schedule has come: every due time up to `covered` is settled.
struct schedule_memory {
    std::string schedule = {};
    std::string fingerprint = {}; ///< of the expression and zone that `covered` was reckoned with
    wall_time covered = {};

    friend bool operator==(const schedule_memory&, const schedule_memory&) = default;
};

/// That a schedule runs nothing until somebody resumes it.
struct schedule_pause {
    std::string schedule = {};
    wall_time since = {};
    std::string by = {}; ///< who asked for it: "http 127.0.0.1"

    friend bool operator==(const schedule_pause&, const schedule_pause&) = default;
};

/// `requested_by` of a scheduled job: "schedule NAME".
[[nodiscard]] std::string requested_by_schedule(std::string_view schedule);

/// Whether a schedule asked for the job, and nobody else.
[[nodiscard]] bool is_scheduled(const job& what);

} // namespace restpoint::jobs
