#include "serve/token_watch.hpp"

#include "base/log.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace asio = boost::asio;

namespace restpoint {

token_watch::token_watch(
    asio::any_io_executor executor, std::filesystem::path file,
    std::function<void(auth::token_table)> take_up)
    : executor_(std::move(executor)), file_(file), reader_(file), take_up_(std::move(take_up)) {}

void token_watch::look() {
    auto news = reader_.look(std::chrono::steady_clock::now());
    if (!news) {
        return;
    }
    auto& table = *news;
    if (!table && table.error().code != errc::not_found) {
        log::error(
            "the tokens file cannot be used: the tokens from before stay good, changes and "
            "revocations do not count",
            {{"tokens", count_}, {"error", table.error().detail}, {"hint", table.error().hint}});
        return;
    }
    if (!table && count_ > 0) {
        log::warn("the tokens file is gone: no token is good any more", {{"file", file_.native()}});
    }
    auto taken = table ? std::move(*table) : auth::token_table{};
    count_ = taken.records().size();
    if (count_ > 0) {
        log::info("tokens taken up", {{"file", file_.native()}, {"tokens", count_}});
    }
    take_up_(std::move(taken));
}

asio::awaitable<void> token_watch::run() {
    constexpr std::chrono::seconds between{2};
    asio::steady_timer timer(executor_);
    for (;;) {
        timer.expires_after(between);
        co_await timer.async_wait(asio::use_awaitable);
        look();
    }
}

} // namespace restpoint
