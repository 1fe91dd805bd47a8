#include "base/bell.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

namespace asio = boost::asio;

namespace restpoint {

using std::chrono::steady_clock;

bell::bell(asio::any_io_executor executor) : timer_(executor), executor_(std::move(executor)) {
    timer_.expires_at(steady_clock::time_point::max());
}

asio::awaitable<void> bell::heard(steady_clock::time_point until) {
    using namespace asio::experimental::awaitable_operators;
    boost::system::error_code rung;
    auto ringing = timer_.async_wait(asio::redirect_error(asio::use_awaitable, rung));
    if (until == steady_clock::time_point::max()) {
        co_await std::move(ringing);
    } else {
        asio::steady_timer limit(executor_, until);
        boost::system::error_code expired;
        auto expiring = limit.async_wait(asio::redirect_error(asio::use_awaitable, expired));
        co_await (std::move(ringing) || std::move(expiring));
    }
    co_await throw_if_cancelled();
}

void bell::ring() {
    timer_.cancel();
}

asio::awaitable<void> throw_if_cancelled() {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
}

} // namespace restpoint
