#include "api/event_stream.hpp"

#include "api/event_text.hpp"
#include "api/job_json.hpp"
#include "api/log_access.hpp"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using clock = std::chrono::steady_clock;

/// What a client that was cut off waits for: nothing is lost meanwhile.
constexpr std::chrono::milliseconds reconnect_after{2000};

class event_source : public http::body_source {
  public:
    event_source(
        api_context& context, jobs::job what, event_stream_options options,
        std::unique_ptr<jobs::log_reader> reader)
        : context_(context),
          job_(std::move(what)),
          options_(options),
          reader_(std::move(reader)),
          log_ended_(!reader_ && is_final(job_.state)),
          progress_(context_.progress.follow(job_.id)) {
        show(std::make_shared<const std::string>(retry_text(reconnect_after)));
    }

    asio::awaitable<piece> peek() override {
        for (;;) {
            if (at_ < text_->size()) {
                co_return piece{text_, std::string_view(*text_).substr(at_)};
            }
            if (over_) {
                co_return piece{};
            }
            if (between_events_ && !log_ended_ && clock::now() >= next_look_) {
                co_await look();
            } else if (log_ended_) {
                co_await conclude();
            } else if (!reader_) {
                co_await wait_for_log();
            } else {
                auto lines = co_await next_lines();
                if (!lines.bytes.empty()) {
                    co_return piece{std::move(lines.owner), lines.bytes};
                }
            }
        }
    }

    void consume(std::size_t bytes) override {
        if (bytes > 0) {
            last_sent_ = clock::now();
        }
        if (at_ < text_->size()) {
            at_ += bytes;
            return;
        }
        // A piece that ends an event and was taken whole: another may come between.
        between_events_ = piece_ends_event_ && bytes == piece_size_;
        reader_->consume(bytes);
    }

  private:
    void show(std::shared_ptr<const std::string> text) {
        text_ = std::move(text);
        at_ = 0;
    }
    void show(std::string_view text) { show(std::make_shared<const std::string>(text)); }

    [[nodiscard]] clock::time_point next_sign_of_life() const {
        return last_sent_ + context_.keep_alive;
    }

    /// Shows what is new of the progress, or that we are still here.
    asio::awaitable<void> look() {
        next_look_ = clock::now() + context_.progress.every();
        auto text = co_await context_.progress.look(context_.jobs, job_.id, progress_);
        if (text && text != progress_shown_) {
            progress_shown_ = text;
            show(std::move(text));
        } else if (clock::now() >= next_sign_of_life()) {
            show(event_comment);
        }
    }

    asio::awaitable<jobs::log_reader::piece> next_lines() {
        const auto until = std::min(next_look_, next_sign_of_life());
        auto lines = co_await peek_until(*reader_, job_.id, until);
        if (!lines) {
            next_look_ = clock::now();
            // In the middle of a line nothing else may be sent; who has a part of one lives.
            if (!between_events_) {
                next_look_ += context_.progress.every();
                last_sent_ = clock::now();
            }
            co_return jobs::log_reader::piece{};
        }
        if (!*lines) {
            // A cut connection is what tells a client to come back.
            throw std::runtime_error(lines->error().detail);
        }
        piece_size_ = (*lines)->bytes.size();
        piece_ends_event_ = (*lines)->bytes.ends_with("\n\n");
        if (piece_size_ == 0) {
            log_ended_ = true;
            reader_.reset();
        }
        co_return std::move(**lines);
    }

    /// A job that waits for its turn has no log yet.
    asio::awaitable<void> wait_for_log() {
        auto opened = co_await context_.jobs.open_log(
            job_.id, view_of(options_), options_.from, jobs::follow::yes);
        if (opened) {
            reader_ = std::move(*opened);
            co_return;
        }
        if (opened.error().code != errc::gone) {
            throw std::runtime_error(opened.error().detail);
        }
        const auto now = co_await context_.jobs.wait(job_.id, context_.progress.every());
        if (!now) {
            throw std::runtime_error(now.error().detail);
        }
        log_ended_ = is_final(now->state); // and there is no log: it never began
    }

    asio::awaitable<void> conclude() {
        const auto patience = std::max(clock::duration{}, next_sign_of_life() - clock::now());
        auto ended = co_await context_.jobs.wait(
            job_.id, std::chrono::ceil<std::chrono::milliseconds>(patience));
        if (!ended) {
            throw std::runtime_error(ended.error().detail);
        }
        if (!is_final(ended->state)) {
            show(event_comment);
            co_return;
        }
        over_ = true;
        show(event_text("state", job_json(*ended, std::chrono::system_clock::now())));
    }

    api_context& context_;
    jobs::job job_;
    event_stream_options options_;
    std::unique_ptr<jobs::log_reader> reader_;
    bool log_ended_;
    bool over_ = false; ///< the last event stands in text_
    std::shared_ptr<const std::string> text_ = {};
    std::size_t at_ = 0;

    // What the last piece of the log was.
    std::size_t piece_size_ = 0;
    bool piece_ends_event_ = true;
    bool between_events_ = true;

    std::shared_ptr<shared_progress> progress_;
    std::shared_ptr<const std::string> progress_shown_ = {};
    clock::time_point next_look_ = {};
    clock::time_point last_sent_ = clock::now();
};

} // namespace

jobs::view view_of(const event_stream_options& options) {
    return {options.level, jobs::markup::custom, &log_events()};
}

http::streamed event_stream(
    api_context& context, jobs::job what, event_stream_options options,
    std::unique_ptr<jobs::log_reader> reader) {
    http::streamed answer;
    answer.content_type = "text/event-stream";
    // nginx holds back what it proxies unless it is told not to.
    answer.headers = {{"Restpoint-Job", std::to_string(what.id)}, {"X-Accel-Buffering", "no"}};
    answer.body =
        std::make_unique<event_source>(context, std::move(what), options, std::move(reader));
    return answer;
}

} // namespace restpoint::api
