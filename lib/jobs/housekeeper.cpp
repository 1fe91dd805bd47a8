#include "jobs/housekeeper.hpp"

#include "base/log.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

namespace asio = boost::asio;

namespace restpoint::jobs {

using std::chrono::steady_clock;

namespace {

std::vector<job_id> ids_of(std::span<const kept_job> jobs) {
    std::vector<job_id> ids;
    for (const auto& one : jobs) {
        ids.push_back(one.id);
    }
    return ids;
}

} // namespace

housekeeper::housekeeper(
    asio::any_io_executor executor, store& rows, log_hub& logs, housekeeping_options options)
    : executor_(executor),
      rows_(rows),
      logs_(logs),
      options_(std::move(options)),
      woken_(executor) {}

void housekeeper::job_ended() {
    wanted_ = true;
    woken_.ring();
}

void housekeeper::replace(retention_policy keep) {
    options_.keep = keep;
    job_ended();
}

asio::awaitable<void> housekeeper::run() {
    for (;;) {
        wanted_ = false;
        const auto round = co_await tidy();
        tell(round);
        const auto next = steady_clock::now() + options_.every;
        while (!wanted_ && steady_clock::now() < next) {
            co_await woken_.heard(next);
        }
        asio::steady_timer settled(executor_, options_.settle);
        co_await settled.async_wait(asio::use_awaitable);
    }
}

void housekeeper::tell(const result<tidied>& round) {
    if (!round) {
        if (complaint_ != round.error().detail) {
            complaint_ = round.error().detail;
            log::warn(
                "old jobs and logs cannot be removed; it is tried again with the next round",
                {{"error", complaint_}, {"hint", round.error().hint}});
        }
        return;
    }
    complaint_.clear();
    if (*round != tidied{}) {
        log::info(
            "retention removed what was too old or too much", {{"jobs", round->jobs},
                                                               {"logs", round->logs},
                                                               {"log_bytes", round->log_bytes},
                                                               {"records", round->records}});
    }
}

asio::awaitable<result<tidied>> housekeeper::tidy() {
    tidied done;
    const auto believed = co_await believes_clock();
    if (!believed) {
        co_return believed.error();
    }
    if (*believed) {
        const auto old = co_await remove_what_is_old(done);
        if (!old) {
            co_return old.error();
        }
    }
    const auto logs = co_await remove_excess_logs(done);
    if (!logs) {
        co_return logs.error();
    }
    const auto refusals = co_await remove_excess_refusals(done);
    if (!refusals) {
        co_return refusals.error();
    }
    co_return done;
}

asio::awaitable<result<>> housekeeper::remove_what_is_old(tidied& done) {
    const auto jobs = co_await remove_old_jobs(done);
    if (!jobs) {
        co_return jobs.error();
    }
    const auto records = co_await remove_old_records(done);
    if (!records) {
        co_return records.error();
    }
    co_return result<>{};
}

asio::awaitable<result<bool>> housekeeper::believes_clock() {
    if (!clock_) {
        const auto newest = co_await rows_.newest_time();
        if (!newest) {
            co_return newest.error();
        }
        clock_.emplace(options_.now(), steady_clock::now(), *newest, options_.believe_after);
    }
    const bool believed = clock_->believes(options_.now(), steady_clock::now());
    if (!believed && !std::exchange(doubted_, true)) {
        log::warn(
            "the clock is far from what it was: nothing is removed for its age before it has gone "
            "on "
            "evenly for a while",
            {{"now", rfc3339(options_.now())}});
    }
    doubted_ = !believed;
    co_return believed;
}

asio::awaitable<result<>> housekeeper::remove_old_jobs(tidied& done) {
    retention_cursor after;
    for (;;) {
        const auto since = kept_since(options_.keep, options_.now());
        const auto page = co_await rows_.ended_before(since, after, options_.page);
        if (!page) {
            co_return page.error();
        }
        if (page->jobs.empty()) {
            co_return result<>{};
        }
        after = {page->jobs.back().ended, page->jobs.back().id};
        auto go = jobs_to_remove(page->jobs, page->always, since);
        const auto removed = co_await remove(std::move(go), rows_then::go, done);
        if (!removed) {
            co_return removed.error();
        }
    }
}

asio::awaitable<result<>> housekeeper::remove_excess_logs(tidied& done) {
    job_id after = 0;
    for (;;) {
        const auto page = co_await rows_.with_logs(after, options_.page);
        if (!page) {
            co_return page.error();
        }
        const auto most = options_.keep.keep_log_bytes;
        if (page->jobs.empty() || page->log_bytes <= most) {
            co_return result<>{};
        }
        after = page->jobs.back().id;
        auto go = logs_to_remove(page->jobs, page->always, page->log_bytes - most);
        const auto removed = co_await remove(std::move(go), rows_then::stay, done);
        if (!removed) {
            co_return removed.error();
        }
    }
}

asio::awaitable<result<>> housekeeper::remove_old_records(tidied& done) {
    for (;;) {
        const auto since = kept_since(options_.keep, options_.now());
        const auto removed = co_await rows_.remove_records(since, options_.page);
        if (!removed) {
            co_return removed.error();
        }
        if (*removed == 0) {
            co_return result<>{};
        }
        done.records += *removed;
        co_await pause();
    }
}

asio::awaitable<result<>> housekeeper::remove_excess_refusals(tidied& done) {
    for (;;) {
        const auto removed =
            co_await rows_.remove_refusals(options_.keep.keep_refusals, options_.page);
        if (!removed) {
            co_return removed.error();
        }
        if (*removed == 0) {
            co_return result<>{};
        }
        done.records += *removed;
        co_await pause();
    }
}

asio::awaitable<result<>> housekeeper::remove(
    std::vector<kept_job> which, rows_then what, tidied& done) {
    std::span<const kept_job> left = which;
    while (!left.empty()) {
        const auto batch = next_batch(left);
        left = left.subspan(batch.size());
        auto removing = what == rows_then::go ? rows_.remove_jobs(ids_of(batch))
                                              : rows_.remove_logs(ids_of(batch), options_.now());
        const auto removed = co_await std::move(removing);
        if (!removed) {
            co_return removed;
        }
        for (const auto& one : batch) {
            logs_.forget(one.id);
            done.log_bytes += one.log_bytes;
        }
        (what == rows_then::go ? done.jobs : done.logs) += batch.size();
        co_await pause();
    }
    co_return result<>{};
}

asio::awaitable<void> housekeeper::pause() {
    asio::steady_timer timer(executor_, options_.pause);
    co_await timer.async_wait(asio::use_awaitable);
}

} // namespace restpoint::jobs
