// Pure work that takes too long for the loop, on a thread of its own.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace restpoint::jobs {

/// What `work()` returns; it owns all it looks at, and does not throw. Resumes on the executor it was
/// awaited on, whose loop must outlive the pool. Cancellation leaves the work behind and throws
/// operation_aborted.
template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> on_pool(
    boost::asio::thread_pool& pool, Work work) {
    using value = std::invoke_result_t<Work&>;
    struct landing {
        explicit landing(const boost::asio::any_io_executor& loop)
            : landed(loop, boost::asio::steady_timer::time_point::max()) {}
        boost::asio::steady_timer landed;
        std::optional<value> made = {};
    };
    const auto loop = co_await boost::asio::this_coro::executor;
    const auto end = std::make_shared<landing>(loop);
    // The thread only carries what belongs to the loop: it hands it back and looks at none of it.
    boost::asio::post(pool, [loop, end, work = std::move(work)]() mutable {
        auto made = std::make_shared<value>(work());
        boost::asio::post(loop, [end = std::move(end), made = std::move(made)] {
            end->made = std::move(*made);
            end->landed.cancel();
        });
    });
    boost::system::error_code woken;
    co_await end->landed.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
    if (!end->made) {
        throw boost::system::system_error(boost::asio::error::operation_aborted);
    }
    co_return std::move(*end->made);
}

} // namespace restpoint::jobs
