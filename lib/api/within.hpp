// A wait with an end: answers that others poll must come in time, whatever they ask for.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace restpoint::api {

/// What `asked` gives, or none when it has not within `limit`; then it is cancelled. It must not
/// throw.
template <class Value>
boost::asio::awaitable<std::optional<Value>> within(
    std::chrono::milliseconds limit, boost::asio::awaitable<Value> asked) {
    namespace asio = boost::asio;
    using namespace asio::experimental::awaitable_operators;
    asio::steady_timer timer(co_await asio::this_coro::executor, limit);
    boost::system::error_code expired;
    auto waiting = timer.async_wait(asio::redirect_error(asio::use_awaitable, expired));
    auto first = co_await (std::move(asked) || std::move(waiting));
    if (first.index() == 1) {
        co_return std::nullopt;
    }
    co_return std::get<0>(std::move(first));
}

} // namespace restpoint::api
