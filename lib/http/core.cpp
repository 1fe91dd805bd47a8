#include "http/core.hpp"

#include "base/log.hpp"

#include <chrono>

namespace restpoint::http {

std::shared_ptr<const std::string> closing_lines::get(persistence after) {
    const auto now = std::chrono::system_clock::now();
    const auto second = std::chrono::system_clock::to_time_t(now);
    if (second != made_at_) {
        made_at_ = second;
        made_ = {};
    }
    // Shared, because an answer on its way to a slow client still points into the second before.
    auto& made = made_.at(static_cast<std::size_t>(after));
    if (!made) {
        made = std::make_shared<const std::string>(render_closing(now, after));
    }
    return made;
}

core::core(boost::asio::any_io_executor executor, server_options how, handler answers)
    : options(std::move(how)),
      answer(std::move(answers)),
      tasks(executor),
      seats(options.max_connections),
      turns(std::make_shared<turnstile>(executor)) {}

void core::tell_failed_handshake(const std::string& peer, const std::string& why) {
    constexpr std::chrono::seconds between{10};
    const auto now = std::chrono::steady_clock::now();
    const bool aloud = now - handshake_told >= between;
    handshake_told = aloud ? now : handshake_told;
    log::write(
        aloud ? log::level::info : log::level::debug, "a TLS handshake failed",
        {{"peer", peer}, {"error", why}});
}

void core::stop_listening() {
    for (auto& one : listeners) {
        one.close();
    }
}

} // namespace restpoint::http
