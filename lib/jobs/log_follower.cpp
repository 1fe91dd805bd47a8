#include "jobs/log_follower.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace asio = boost::asio;

namespace restpoint::jobs {

namespace {

/// Of the raw log: after so much a reader lets the others go first, whether its client got bytes
/// for it or the view left them all out.
constexpr std::uint64_t turn_bytes = 256U << 10U;

} // namespace

log_follower::log_follower(
    log_services with, std::shared_ptr<followed_log> log, view how, std::uint64_t from,
    std::optional<std::uint64_t> log_end, std::shared_ptr<void> seat)
    : with_(std::move(with)),
      log_(std::move(log)),
      seat_(std::move(seat)),
      how_(how),
      end_at_open_(log_end),
      begin_(from) {
    if (how_.form == markup::raw) {
        how_.minimum = {}; // not looked at: one stretch for all levels
    }
    if (from == 0 || how_.form == markup::raw) {
        before_ = render_state{};
    }
}

std::optional<std::uint64_t> log_follower::log_end() const {
    return end_at_open_ ? end_at_open_ : log_->final_size;
}

/// None when there is nothing behind the position yet.
std::optional<stretch_source::wish> log_follower::next_wish() const {
    const auto end = log_end();
    const auto grid = grid_after(begin_, with_.stretch_bytes);
    const auto until = std::min(grid, end ? *end : log_->bell->size);
    if (until <= begin_) {
        return {};
    }
    stretch_source::wish what;
    what.key = {log_->id, how_, begin_, before_, {}};
    if (end && *end <= grid) {
        what.key.log_end = end;
    }
    what.until = until;
    what.grid = grid;
    what.short_will_do = position_ > 0;
    return what;
}

bool log_follower::waits_for_more_than(const stretch& found) const {
    return found.end == begin_ && !log_end() && log_->bell->size <= found.seen;
}

asio::awaitable<log_reader::piece> log_follower::peek() {
    for (;;) {
        if (with_.wakeups->stopped()) {
            throw boost::system::system_error(asio::error::operation_aborted);
        }
        if (since_yield_ >= turn_bytes) {
            since_yield_ = 0;
            co_await asio::post(with_.executor, asio::use_awaitable);
            continue;
        }
        if (const auto end = log_end(); end && begin_ >= *end) {
            co_return piece{};
        }
        const auto what = next_wish();
        if (!what) {
            co_await with_.wakeups->wait(log_->bell);
            co_await throw_if_cancelled();
            continue;
        }
        const auto found = co_await with_.stretches->obtain(log_->file, *what);
        if (waits_for_more_than(found)) {
            co_await with_.wakeups->wait(log_->bell);
            co_await throw_if_cancelled();
            continue;
        }
        remember(found);
        if (position_ < text_size_) {
            piece given;
            given.owner = found.text;
            given.bytes = std::string_view(*found.text).substr(position_);
            co_return given;
        }
        advance();
    }
}

void log_follower::consume(std::size_t bytes) {
    position_ = std::min(position_ + bytes, text_size_);
    if (text_size_ > 0 && position_ == text_size_) {
        advance();
    }
}

std::uint64_t log_follower::offset() const {
    if (how_.form == markup::raw) {
        return begin_ + position_;
    }
    if (position_ == 0 || !lines_) {
        return begin_;
    }
    const auto behind = std::ranges::upper_bound(*lines_, position_, {}, &line_start::rendered);
    return behind == lines_->begin() ? begin_ : begin_ + std::prev(behind)->raw;
}

void log_follower::remember(const stretch& found) {
    text_size_ = found.text->size();
    end_ = found.end;
    after_ = found.after;
    lines_ = found.lines;
}

void log_follower::advance() {
    since_yield_ += end_ - begin_;
    begin_ = end_;
    if (how_.form != markup::raw) {
        before_ = after_;
    }
    position_ = 0;
    text_size_ = 0;
    lines_.reset();
}

} // namespace restpoint::jobs
