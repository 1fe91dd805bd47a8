#include "http/core.hpp"

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
      acceptor(executor),
      back_off(executor),
      tasks(executor),
      turns(std::make_shared<turnstile>(executor)) {}

} // namespace restpoint::http
