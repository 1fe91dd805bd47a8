// The store's operations for retention. Logs are removed on its thread, too: one after the other,
// and before their rows change, so that a log without a row is never one of ours.
#include "base/file.hpp"
#include "jobs/retention_queries.hpp"
#include "jobs/store_state.hpp"
#include "process/job_files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace asio = boost::asio;

namespace restpoint::jobs {

namespace {

/// Good also for logs that are not there: an earlier restpoint got as far as that.
result<> remove_files(const std::filesystem::path& jobs_folder, const std::vector<job_id>& ids) {
    for (const auto id : ids) {
        const auto log = process::files_of(jobs_folder, std::to_string(id)).log;
        if (::unlink(log.c_str()) != 0 && errno != ENOENT) {
            return system_failure(
                fmt::format("cannot remove '{}'", log.native()), errno,
                fmt::format("'{}' must be writable", jobs_folder.native()));
        }
    }
    return sync_folder(jobs_folder);
}

} // namespace

asio::awaitable<result<std::optional<wall_time>>> store::newest_time() {
    std::function<result<std::optional<wall_time>>()> operation = [s = state_.get()] {
        return jobs::newest_time(*s->rows);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

asio::awaitable<result<retention_page>> store::ended_before(
    wall_time before, retention_cursor after, int limit) {
    std::function<result<retention_page>()> operation = [s = state_.get(), before, after, limit] {
        return jobs_ended_before(*s->rows, before, after, limit);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

asio::awaitable<result<retention_page>> store::with_logs(job_id after, int limit) {
    std::function<result<retention_page>()> operation = [s = state_.get(), after, limit] {
        return jobs_with_logs(*s->rows, after, limit);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

asio::awaitable<result<>> store::remove_jobs(std::vector<job_id> ids) {
    state_->finals->remove(ids);
    std::function<result<>()> operation = [s = state_.get(), ids = std::move(ids)]() -> result<> {
        if (auto removed = remove_files(s->jobs_folder(), ids); !removed) {
            return removed;
        }
        return delete_jobs(*s->rows, ids);
    };
    auto done = co_await state_->perform(admission::bounded, std::move(operation), effect::change);
    co_return done;
}

asio::awaitable<result<>> store::remove_logs(std::vector<job_id> ids, wall_time now) {
    state_->finals->remove(ids);
    std::function<result<>()> operation = [s = state_.get(), ids = std::move(ids),
                                           now]() -> result<> {
        if (auto removed = remove_files(s->jobs_folder(), ids); !removed) {
            return removed;
        }
        return note_removed_logs(*s->rows, ids, now);
    };
    auto done = co_await state_->perform(admission::bounded, std::move(operation), effect::change);
    co_return done;
}

asio::awaitable<result<std::int64_t>> store::remove_records(wall_time before, int limit) {
    std::function<result<std::int64_t>()> operation = [s = state_.get(), before, limit] {
        return delete_records(*s->rows, before, limit);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

asio::awaitable<result<std::int64_t>> store::remove_refusals(std::int64_t keep, int limit) {
    std::function<result<std::int64_t>()> operation = [s = state_.get(), keep, limit] {
        return delete_refusals(*s->rows, keep, limit);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

} // namespace restpoint::jobs
