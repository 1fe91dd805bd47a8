#include "http/departure.hpp"

#include "http/connection.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace asio = boost::asio;

namespace restpoint::http {

using namespace asio::experimental::awaitable_operators;
using clock = connection::clock;

namespace {

enum class news { broken, none };

/// Waits for a broken connection, which alone is news of a socket that stays readable.
asio::awaitable<news> wait_for_break(connection& client, clock::time_point until) {
    boost::system::error_code ec;
    boost::system::error_code expired;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, until);
    auto breaking = client.wait(asio::socket_base::wait_error, ec);
    auto waiting = timer.async_wait(asio::redirect_error(asio::use_awaitable, expired));
    const auto first = co_await (std::move(breaking) || std::move(waiting));
    co_return first.index() == 0 ? news::broken : news::none;
}

} // namespace

asio::awaitable<void> departure::wait() const {
    auto ended = clock::time_point::max();
    while (!of_.interrupted()) {
        const auto seen = of_.look();
        if (seen == connection::presence::gone) {
            co_return;
        }
        if (seen == connection::presence::silent) {
            boost::system::error_code ec;
            co_await of_.wait(asio::socket_base::wait_read, ec);
            if (ec) {
                co_return;
            }
            continue;
        }
        auto until = clock::now() + patience_;
        if (of_.has_ended()) {
            ended = std::min(ended, clock::now());
            until = std::max(ended, of_.last_sent()) + patience_;
        }
        if (until <= clock::now()) {
            co_return;
        }
        const auto heard = co_await wait_for_break(of_, until);
        if (heard == news::broken) {
            co_return;
        }
    }
}

} // namespace restpoint::http
