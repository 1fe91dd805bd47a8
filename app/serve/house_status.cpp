// What whoever supervises the house is told of it.
#include "serve/house.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint {

std::string house::address() const {
    const auto& name = settings_.server.address;
    const bool is_v6 = name.find(':') != name.npos;
    return is_v6 ? fmt::format("[{}]:{}", name, server_->port())
                 : fmt::format("{}:{}", name, server_->port());
}

std::string house::status() const {
    const auto jobs = jobs_.unfinished().size();
    return fmt::format(
        "listening on {}; {}", address(),
        jobs == 0   ? "no job runs"
        : jobs == 1 ? "1 job runs or waits"
                    : fmt::format("{} jobs run or wait", jobs));
}

/// By a coroutine like every other: where the loop hangs, nobody hears of us.
asio::awaitable<void> house::show_life() {
    asio::steady_timer pause(co_await asio::this_coro::executor);
    for (;;) {
        pause.expires_after(manager_.pace());
        co_await pause.async_wait(asio::use_awaitable);
        manager_.alive(status());
    }
}

} // namespace restpoint
