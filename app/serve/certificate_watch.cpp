#include "serve/certificate_watch.hpp"

#include "base/log.hpp"
#include "base/time_text.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>

namespace asio = boost::asio;

namespace restpoint {

http::tls_files tls_files_of(const config::settings& settings) {
    return {settings.server.tls_cert, settings.server.tls_key, settings.server.tls_client_ca};
}

certificate_watch::certificate_watch(
    asio::any_io_executor executor, http::tls_files files, taken_up take_up)
    : executor_(std::move(executor)), files_(std::move(files)), take_up_(std::move(take_up)) {}

certificate_watch::marks certificate_watch::current() const {
    return {
        auth::mark_of(files_.certificate), auth::mark_of(files_.key),
        auth::mark_of(files_.client_ca)};
}

result<std::shared_ptr<const http::tls_context>> certificate_watch::load() {
    seen_ = current(); // before they are read: a change in between is seen the next time
    auto loaded = http::tls_context::load(files_);
    if (!loaded) {
        return loaded;
    }
    for (const auto& doubt : (*loaded)->doubts()) {
        log::warn(doubt);
    }
    log::info(
        "certificate taken up",
        {{"file", files_.certificate.native()}, {"expires", rfc3339((*loaded)->expires())}});
    return loaded;
}

void certificate_watch::look() {
    if (files_.certificate.empty() || seen_ == current()) {
        return;
    }
    const auto loaded = load();
    if (!loaded) {
        log::error(
            "the changed certificate cannot be used: the one from before stays in use",
            {{"error", loaded.error().detail}, {"hint", loaded.error().hint}});
        return;
    }
    take_up_(*loaded);
}

asio::awaitable<void> certificate_watch::run() {
    constexpr std::chrono::seconds between{2};
    asio::steady_timer timer(executor_);
    auto last = current();
    for (;;) {
        timer.expires_after(between);
        co_await timer.async_wait(asio::use_awaitable);
        const auto now = current();
        if (now == last) {
            look();
        }
        last = now;
    }
}

} // namespace restpoint
