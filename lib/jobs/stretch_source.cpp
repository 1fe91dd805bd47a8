#include "jobs/stretch_source.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>

namespace asio = boost::asio;

namespace restpoint::jobs {

namespace {

constexpr std::size_t pool_threads = 2;

/// Followers of a growing log leave short stretches behind. Who comes later and could have one
/// twice as long gets it: fewer pieces, and each place is rendered anew a few times at most.
bool outgrown(const stretch& found, const stretch_source::wish& what) {
    if (what.short_will_do || what.key.log_end || what.until <= found.seen) {
        return false;
    }
    const auto begin = what.key.begin;
    return found.end == begin || what.until - begin >= 2 * (found.seen - begin);
}

bool is_cold(const boost::system::error_code& failed) {
    return failed.value() == EAGAIN && failed.category() == boost::system::system_category();
}

} // namespace

asio::awaitable<void> throw_if_cancelled() {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
}

stretch_source::stretch_source(asio::any_io_executor executor, const log_hub_options& how)
    : executor_(std::move(executor)), reads_(how.reads), cache_(how.cache_bytes) {}

asio::awaitable<stretch> stretch_source::obtain(std::shared_ptr<const log_file> file, wish what) {
    const auto self = shared_from_this();
    if (const auto* const found = cache_.find(what.key); found && !outgrown(*found, what)) {
        co_return *found;
    }
    if (reads_ == pool_reads::when_cold) {
        auto made = make_stretch(*file, what.key, what.until, what.grid, reading::only_warm);
        if (made) {
            ++renders_;
            cache_.put(what.key, *made);
            co_return std::move(*made);
        }
        if (!is_cold(made.error())) {
            throw boost::system::system_error(made.error());
        }
    }
    const auto under_way = flights_.find(what.key);
    const auto awaited =
        under_way != flights_.end() ? under_way->second : launch(std::move(file), what);
    boost::system::error_code woken;
    co_await awaited->landed.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    co_await throw_if_cancelled();
    if (!awaited->made) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (!*awaited->made) {
        throw boost::system::system_error(awaited->made->error());
    }
    co_return **awaited->made;
}

std::shared_ptr<stretch_source::flight> stretch_source::launch(
    std::shared_ptr<const log_file> file, const wish& what) {
    if (!pool_) {
        pool_ = std::make_unique<asio::thread_pool>(pool_threads);
    }
    ++cold_reads_;
    auto started = std::make_shared<flight>(executor_);
    flights_.emplace(what.key, started);
    // The thread only carries what belongs to the loop: it hands it back and looks at none of it.
    asio::post(
        *pool_, [back = executor_, weak = weak_from_this(), started, file = std::move(file),
                 what]() mutable {
            auto made = make_stretch(*file, what.key, what.until, what.grid, reading::may_block);
            asio::post(
                back, [weak = std::move(weak), started = std::move(started), key = what.key,
                       made = std::move(made)]() mutable {
                    if (const auto source = weak.lock()) {
                        source->land(key, *started, std::move(made));
                    }
                });
        });
    return started;
}

void stretch_source::land(
    const stretch_key& key, flight& landed, boost::system::result<stretch> made) {
    flights_.erase(key);
    if (made) {
        ++renders_;
        cache_.put(key, *made);
    }
    landed.made = std::move(made);
    landed.landed.cancel();
}

void stretch_source::stop() {
    for (const auto& [key, waiting] : flights_) {
        waiting->landed.cancel();
    }
}

void stretch_source::join() {
    if (pool_) {
        pool_->stop();
        pool_->join();
    }
}

void stretch_source::forget(job_id id) {
    cache_.forget(id);
}

void stretch_source::count(log_hub_statistics& into) const {
    into.cached_bytes = cache_.bytes();
    into.renders = renders_;
    into.cold_reads = cold_reads_;
}

} // namespace restpoint::jobs
