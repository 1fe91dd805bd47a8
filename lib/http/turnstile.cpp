#include "http/turnstile.hpp"

#include "base/bell.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace asio = boost::asio;

namespace restpoint::http {

turnstile::turnstile(asio::any_io_executor executor, limits within)
    : executor_(std::move(executor)), within_(within), left_(within.bytes_a_pass) {}

bool turnstile::try_enter() {
    return line_.empty() && left_ > 0;
}

asio::awaitable<void> turnstile::enter() {
    const auto self = shared_from_this();
    if (try_enter()) {
        co_return;
    }
    place ours{asio::steady_timer(executor_, asio::steady_timer::time_point::max())};
    const auto at = line_.insert(line_.end(), &ours);
    // Who is cancelled leaves the line; who was called is not in it any more.
    const std::shared_ptr<void> leaving(nullptr, [self, &ours, at](void*) {
        if (ours.in_line) {
            self->line_.erase(at);
        }
    });
    schedule();
    boost::system::error_code woken;
    co_await ours.called.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    co_await throw_if_cancelled();
}

void turnstile::spend(std::size_t bytes) {
    spent_ += bytes;
    left_ -= std::min(left_, bytes);
    schedule();
}

/// Behind all that is ready now; what becomes ready meanwhile is looked for once a pass.
void turnstile::schedule() {
    if (scheduled_) {
        return;
    }
    scheduled_ = true;
    asio::post(executor_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) {
            self->begin_pass();
        }
    });
}

void turnstile::begin_pass() {
    scheduled_ = false;
    left_ = within_.bytes_a_pass;
    while (!line_.empty() && left_ > 0) {
        auto& next = *line_.front();
        line_.pop_front();
        next.in_line = false;
        next.called.cancel();
        left_ -= std::min(left_, within_.bytes_a_turn); // set aside: the turn may need less
    }
    if (!line_.empty() || left_ < within_.bytes_a_pass) {
        schedule();
    }
}

} // namespace restpoint::http
