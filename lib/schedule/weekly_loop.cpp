#include "schedule/weekly_loop.hpp"

#include "base/log.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace asio = boost::asio;

namespace restpoint::schedule {

using std::chrono::milliseconds;

namespace {

constexpr std::string_view schedule_name = "PG_BACKUP_TIME";

asio::awaitable<void> sleep_for(milliseconds how_long) {
    asio::steady_timer timer(co_await asio::this_coro::executor, how_long);
    co_await timer.async_wait(asio::use_awaitable);
}

/// Whether the backup was taken on.
asio::awaitable<bool> submit_due(
    const weekly_options& options, due_backup due, jobs::service& jobs) {
    jobs::job_spec what;
    what.kind = jobs::job_kind::backup;
    what.stanza = options.stanza;
    what.type = due.type;
    const auto submitted =
        co_await jobs.submit(std::move(what), "schedule PG_BACKUP_TIME", jobs::when_busy::queue);
    if (!submitted) {
        log::error(
            "a scheduled backup could not be started; it is tried again",
            {{"schedule", schedule_name},
             {"due", rfc3339(due.at)},
             {"error", submitted.error().why.detail}});
    }
    co_return submitted.has_value();
}

/// Tries until the backup is taken on, or the next one is due.
asio::awaitable<void> submit_until(
    const weekly_options& options, due_backup due, wall_time next, jobs::service& jobs) {
    for (;;) {
        const bool taken = co_await submit_due(options, due, jobs);
        if (taken || options.now() >= next) {
            co_return;
        }
        co_await sleep_for(options.longest_sleep);
    }
}

} // namespace

asio::awaitable<void> run_weekly(weekly_options options, jobs::service& jobs, jobs::store& rows) {
    const auto remembered = co_await rows.last_run(std::string(schedule_name));
    auto after = options.now();
    // What ran already does not run again because the clock was set back.
    if (remembered && *remembered) {
        after = std::max(after, **remembered);
    }
    for (;;) {
        const auto due = next_due(options.plan, after);
        if (!due) {
            log::error("the schedule has no next run", {{"error", due.error().detail}});
            co_return;
        }
        log::info(
            "next scheduled backup", {{"schedule", schedule_name},
                                      {"type", backrest::to_string(due->type)},
                                      {"due", rfc3339(due->at)}});
        while (options.now() < due->at) {
            const auto left = std::chrono::ceil<milliseconds>(due->at - options.now());
            co_await sleep_for(std::clamp(left, milliseconds{1}, options.longest_sleep));
        }
        // Of several that came due while the machine slept only one runs.
        after = std::max(due->at, options.now());
        const auto next = next_due(options.plan, after);
        co_await submit_until(options, *due, next ? next->at : after, jobs);
        const auto noted = co_await rows.remember_run(std::string(schedule_name), due->at);
        if (!noted) {
            log::error("a scheduled run could not be noted", {{"error", noted.error().detail}});
        }
    }
}

asio::awaitable<void> prepare_stanza(preparation what, jobs::service& jobs) {
    for (bool runs = false; !runs;) {
        runs = co_await what.database_runs();
        if (!runs) {
            co_await sleep_for(what.ask_every);
        }
    }
    co_await sleep_for(what.delay);
    for (const auto kind : {jobs::job_kind::stanza_create, jobs::job_kind::check}) {
        jobs::job_spec spec;
        spec.kind = kind;
        spec.stanza = what.stanza;
        const auto submitted =
            co_await jobs.submit(std::move(spec), "start", jobs::when_busy::queue);
        if (!submitted) {
            log::error(
                "the stanza could not be made ready",
                {{"stanza", what.stanza}, {"error", submitted.error().why.detail}});
            co_return;
        }
        const auto ended = co_await jobs.wait(submitted->what.id, std::nullopt);
        if (!ended || ended->state != jobs::job_state::succeeded) {
            co_return;
        }
    }
}

} // namespace restpoint::schedule
