// Schedules on the wire. What is absent is null; times are UTC, beside the local one of a due time.
// Pure.
#pragma once

#include "jobs/job.hpp"
#include "jobs/schedule_record.hpp"
#include "schedule/definition.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <vector>

namespace restpoint::api {

/// A run that is to come.
struct coming_run {
    wall_time due = {};
    wall_time start = {}; ///< `due` and its jitter
};

/// A run that was, and the state of its job while that is kept.
struct past_run {
    jobs::schedule_run what = {};
    std::optional<jobs::job_state> job_state = {};
};

struct schedule_view {
    schedule::configured of = {};
    std::vector<coming_run> next = {};
    std::vector<past_run> last = {}; ///< newest first
    std::optional<jobs::schedule_pause> paused = {};
};

[[nodiscard]] boost::json::object past_run_json(const past_run& what);

[[nodiscard]] boost::json::value schedule_json(const schedule_view& what);

} // namespace restpoint::api
