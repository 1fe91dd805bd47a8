#include "jobs/service.hpp"

#include "base/log.hpp"
#include "jobs/retention.hpp"
#include "jobs/runs.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace asio = boost::asio;

namespace restpoint::jobs {

using std::chrono::steady_clock;

void throw_exception_from_error(const rejection& what, const boost::source_location& where) {
    restpoint::throw_exception_from_error(what.why, where);
}

service::service(
    asio::any_io_executor executor, store& rows, log_hub& logs, service_options options)
    : state_(std::make_shared<state>(std::move(executor), rows, logs, std::move(options))) {}

service::~service() = default;

void service::use_features(backrest::features those) {
    state_->features = those;
}

asio::awaitable<result<>> service::adopt() {
    const auto s = state_;
    auto left = s->rows.unfinished();
    if (!left) {
        co_return left.error();
    }
    std::vector<std::shared_ptr<run>> taken_up;
    for (auto& what : *left) {
        const auto r = taken_up.emplace_back(s->admit(std::move(what)));
        log::info(
            "job taken up", {{"job", r->what.id},
                             {"kind", to_string(r->what.spec.kind)},
                             {"state", to_string(r->what.state)}});
        if (r->what.cancel_requested) {
            r->stopped = stop_reason::cancel;
        }
        r->what.log_bytes = r->what.log_lines = 0;
    }
    co_await s->merge_waiting();
    for (const auto& r : taken_up) {
        const bool began = r->what.state == job_state::running && r->what.shim;
        s->tasks.spawn("job", [s, r, began] { return s->see_through(r, began); });
    }
    s->sweep_leftovers();
    co_return result<>{};
}

asio::awaitable<result<job>> service::find(job_id id) {
    const auto s = state_;
    if (const auto r = s->runs.find(id); r != s->runs.end()) {
        co_return r->second->what;
    }
    auto row = co_await s->rows.find(id);
    if (!row) {
        co_return row.error();
    }
    if (*row) {
        co_return std::move(**row);
    }
    const auto last = co_await s->rows.last_id();
    if (last && id > 0 && id <= *last) {
        // It may have come into being since it was looked for: then it is not gone.
        auto again = co_await s->rows.find(id);
        if (again && *again) {
            co_return std::move(**again);
        }
        co_return failure{
            errc::gone, fmt::format("job {} is past its retention", id),
            "state.keep_jobs_days says how long jobs and their logs are kept"};
    }
    co_return failure{errc::not_found, fmt::format("there is no job {}", id)};
}

asio::awaitable<result<std::vector<job>>> service::list(job_filter filter) {
    const auto s = state_;
    auto rows = co_await s->rows.list(filter);
    if (rows) {
        for (auto& row : *rows) {
            if (const auto r = s->runs.find(row.id); r != s->runs.end()) {
                row = r->second->what;
            }
        }
    }
    co_return rows;
}

std::uint64_t service::revision() const {
    return state_->rows.revision();
}

bool service::is_idle() const {
    return state_->runs.empty();
}

asio::awaitable<result<job>> service::cancel(job_id id, std::string requested_by) {
    const auto s = state_;
    const auto found = s->runs.find(id);
    if (found == s->runs.end() || is_final(found->second->what.state)) {
        auto ended = co_await find(id);
        if (!ended) {
            co_return ended.error();
        }
        co_return failure{
            errc::conflict,
            fmt::format("job {} has ended already: {}", id, to_string(ended->state))};
    }
    const auto r = found->second;
    if (r->stopped == stop_reason::cancel) {
        co_return r->what;
    }
    r->stopped = stop_reason::cancel;
    r->what.cancel_requested = std::chrono::system_clock::now();
    log::info("job cancelled", {{"job", id}, {"requested_by", requested_by}});
    s->changed.ring();
    if (r->process) {
        s->stop(r, stop_reason::cancel, s->options.stop_grace);
    }
    // A row that is about to say "running" must not be overtaken by this older one.
    if (r->what.state == job_state::running || !r->process) {
        // So that the next restpoint, should this one die now, goes on cancelling.
        const auto noted = co_await s->rows.update(r->what);
        if (!noted && !is_final(r->what.state)) {
            log::warn(
                "a cancellation could not be noted on disk",
                {{"job", id}, {"error", noted.error().detail}});
        }
    }
    co_return r->what;
}

asio::awaitable<result<job>> service::wait(
    job_id id, std::optional<std::chrono::milliseconds> deadline) {
    const auto s = state_;
    const auto until = deadline ? steady_clock::now() + *deadline : steady_clock::time_point::max();
    if (const auto found = s->runs.find(id); found != s->runs.end()) {
        const auto r = found->second;
        while (!is_final(r->what.state) && !s->stopping && steady_clock::now() < until) {
            co_await r->changed.heard(until);
        }
        co_return r->what;
    }
    co_return co_await find(id);
}

asio::awaitable<result<std::unique_ptr<log_reader>>> service::open_log(
    job_id id, view how, std::uint64_t from, follow mode) {
    const auto s = state_;
    const auto known = co_await find(id);
    if (!known) {
        co_return known.error();
    }
    // Asked again after the wait: the job may have ended meanwhile, and a finished log must not be
    // followed.
    const auto found = s->runs.find(id);
    const bool growing = found != s->runs.end() && !is_final(found->second->what.state);
    auto opened = s->logs.open(id, how, from, growing ? mode : follow::no);
    if (!opened && opened.error().code == errc::gone) {
        co_return removed_log(*known);
    }
    co_return opened;
}

std::vector<job> service::unfinished() const {
    return state_->unfinished();
}

void service::on_ending(std::function<void()> call) {
    state_->ending_calls.push_back(std::move(call));
}

void service::on_finished(std::function<void(const job&)> call) {
    state_->finished_calls.push_back(std::move(call));
}

void service::stop_accepting() {
    state_->stopping = true;
    state_->changed.ring();
    for (const auto& [id, r] : state_->runs) {
        r->changed.ring();
    }
}

asio::awaitable<void> service::shut_down(on_stop running, std::chrono::milliseconds grace) {
    const auto s = state_;
    stop_accepting();
    if (running == on_stop::stop) {
        for (const auto& [id, r] : s->runs) {
            if (r->process && r->stopped == stop_reason::none) {
                s->stop(r, stop_reason::shutdown, grace);
            }
        }
        const auto any_process = [&] {
            return std::ranges::any_of(
                s->runs, [](const auto& entry) { return entry.second->process != nullptr; });
        };
        const auto last_moment = steady_clock::now() + grace + std::chrono::seconds{2};
        while (any_process() && steady_clock::now() < last_moment) {
            co_await s->changed.heard(last_moment);
        }
        if (any_process()) {
            log::error("jobs did not end in time and are left to their shims");
        }
    }
    s->tasks.cancel(asio::cancellation_type::terminal);
    co_await s->tasks.join();
}

} // namespace restpoint::jobs
