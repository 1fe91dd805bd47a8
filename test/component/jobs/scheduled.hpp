// A service, and the due times of schedules.
#pragma once

#include "service_fixture.hpp"

namespace restpoint::jobs::test {

inline constexpr wall_time noon{std::chrono::seconds{1'795'262'400}};

inline auto try_due(life& now, const std::string& schedule, wall_time due, job_spec what) {
    return now.loop.get(
        "a scheduled submission",
        now.jobs.submit_scheduled(std::move(what), {schedule, due, false}));
}

inline scheduled_answer due(life& now, const std::string& schedule, wall_time when, job_spec what) {
    auto answer = try_due(now, schedule, when, std::move(what));
    if (!answer) {
        throw std::runtime_error("not taken on: " + answer.error().why.detail);
    }
    return std::move(*answer);
}

inline std::vector<schedule_run> runs_of(life& now, const std::string& schedule) {
    auto runs = now.loop.get("runs", now.rows().schedule_runs(schedule, 100));
    REQUIRE(runs);
    return std::move(*runs);
}

} // namespace restpoint::jobs::test
