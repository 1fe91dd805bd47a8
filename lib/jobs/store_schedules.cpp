// The store's operations on schedules.
#include "jobs/pause_queries.hpp"
#include "jobs/schedule_queries.hpp"
#include "jobs/store_state.hpp"

namespace asio = boost::asio;

namespace restpoint::jobs {

asio::awaitable<result<std::optional<schedule_memory>>> store::recall(std::string schedule) {
    std::function<result<std::optional<schedule_memory>>()> operation =
        [s = state_.get(), schedule = std::move(schedule)] {
            return jobs::recall(*s->rows, schedule);
        };
    return state_->perform(admission::bounded, std::move(operation));
}

asio::awaitable<result<>> store::remember(schedule_memory what) {
    std::function<result<>()> operation = [s = state_.get(), what = std::move(what)] {
        return jobs::remember(*s->rows, what);
    };
    return state_->perform(admission::always, std::move(operation));
}

asio::awaitable<result<>> store::forget_all_but(std::vector<std::string> schedules) {
    std::function<result<>()> operation = [s = state_.get(), schedules = std::move(schedules)] {
        return jobs::forget_all_but(*s->rows, schedules);
    };
    return state_->perform(admission::always, std::move(operation));
}

asio::awaitable<result<>> store::settle_run(schedule_run what) {
    std::function<result<>()> operation = [s = state_.get(), what = std::move(what)] {
        return jobs::settle_run(*s->rows, what);
    };
    return state_->perform(admission::always, std::move(operation));
}

asio::awaitable<result<job_id>> store::insert_scheduled(
    job what, schedule_run as, std::optional<job> superseded) {
    std::function<result<job_id>()> operation = [s = state_.get(), what = std::move(what),
                                                 as = std::move(as),
                                                 superseded = std::move(superseded)] {
        if (auto there = s->still_there(); !there) {
            return result<job_id>{there.error()};
        }
        auto id = jobs::insert_scheduled(*s->rows, what, as, superseded);
        if (id) {
            s->reserve.restore();
        }
        return id;
    };
    return state_->perform(admission::bounded, std::move(operation), effect::change);
}

asio::awaitable<result<>> store::supersede(job waited, job by, wall_time now) {
    std::function<result<>()> operation = [s = state_.get(), waited = std::move(waited),
                                           by = std::move(by), now] {
        return s->write_surely(
            [&](database& rows) { return jobs::supersede(rows, waited, by, now); });
    };
    return state_->perform(admission::always, std::move(operation), effect::change);
}

asio::awaitable<result<std::vector<schedule_pause>>> store::pauses() {
    std::function<result<std::vector<schedule_pause>>()> operation = [s = state_.get()] {
        return jobs::pauses(*s->rows);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

asio::awaitable<result<>> store::pause(schedule_pause what) {
    std::function<result<>()> operation = [s = state_.get(), what = std::move(what)] {
        return jobs::pause(*s->rows, what);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

asio::awaitable<result<>> store::resume(std::string schedule, std::optional<schedule_run> passed) {
    std::function<result<>()> operation = [s = state_.get(), schedule = std::move(schedule),
                                           passed = std::move(passed)] {
        return jobs::resume(*s->rows, schedule, passed);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

asio::awaitable<result<std::vector<schedule_run>>> store::schedule_runs(
    std::string schedule, int limit) {
    std::function<result<std::vector<schedule_run>>()> operation =
        [s = state_.get(), schedule = std::move(schedule), limit] {
            return jobs::schedule_runs(*s->rows, schedule, limit);
        };
    return state_->perform(admission::bounded, std::move(operation));
}

} // namespace restpoint::jobs
