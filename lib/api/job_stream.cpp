#include "api/job_stream.hpp"

#include "api/html_page.hpp"
#include "api/job_page.hpp"
#include "api/log_access.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

constexpr std::string_view state_trailer = "Restpoint-Job-State";
constexpr std::string_view empty_comment = "<!---->";
constexpr std::string_view code_trailer = "Restpoint-Exit-Code";

std::string failure_html(const failure& why) {
    auto html = fmt::format("<p class=\"error\">{}</p>\n", with_breaks(why.detail));
    if (!why.hint.empty()) {
        html += fmt::format("<p class=\"hint\">{}</p>\n", with_breaks(why.hint));
    }
    return html;
}

class job_source : public http::body_source {
  public:
    job_source(jobs::service& jobs, jobs::job what, job_stream_options options)
        : jobs_(jobs),
          job_(std::move(what)),
          options_(std::move(options)),
          grew_(!is_final(job_.state)) {
        auto head = job_page_begin(job_, std::chrono::system_clock::now(), options_.cancel_button);
        if (options_.place == outcome_place::begin) {
            head += outcome_html(job_);
        }
        head += log_begin;
        show(std::move(head));
    }

    asio::awaitable<piece> peek() override {
        while (part_ != part::end) {
            if (part_ == part::log) {
                auto lines = co_await next_lines();
                if (!lines.bytes.empty()) {
                    co_return piece{std::move(lines.owner), lines.bytes};
                }
            } else if (at_ < text_->size()) {
                co_return piece{text_, std::string_view(*text_).substr(at_)};
            } else {
                co_await next_part();
            }
        }
        co_return piece{};
    }

    void consume(std::size_t bytes) override {
        if (part_ == part::log) {
            reader_->consume(bytes);
        } else {
            at_ += bytes;
        }
    }

    http::header_list trailers() override {
        http::header_list fields{{std::string(state_trailer), std::string(to_string(job_.state))}};
        if (job_.exit_code) {
            fields.emplace_back(code_trailer, std::to_string(*job_.exit_code));
        }
        return fields;
    }

  private:
    enum class part {
        head,
        log,
        silence, ///< a sign of life between two lines
        log_end, ///< or there is no log
        tail,
        end
    };

    void pause(part at, std::string text) {
        part_ = at;
        show(std::move(text));
    }

    void show(std::string text) {
        text_ = std::make_shared<const std::string>(std::move(text));
        at_ = 0;
    }

    /// The next lines; none at the end of the log, when it cannot be read or after a long silence,
    /// and then in that part.
    asio::awaitable<jobs::log_reader::piece> next_lines() {
        const auto until = std::chrono::steady_clock::now() + options_.keep_alive;
        auto came = co_await peek_until(*reader_, job_.id, until);
        if (!came) {
            pause(part::silence, std::string(empty_comment));
            co_return jobs::log_reader::piece{};
        }
        auto& lines = *came;
        if (!lines) {
            pause(part::log_end, failure_html(lines.error()));
            co_return jobs::log_reader::piece{};
        }
        if (lines->bytes.empty()) {
            pause(part::log_end, {});
        }
        co_return std::move(*lines);
    }

    asio::awaitable<void> next_part() {
        switch (part_) {
        case part::head:
            co_await open_log();
            break;
        case part::log:
        case part::silence:
            part_ = part::log;
            break;
        case part::log_end:
            reader_.reset();
            co_await conclude();
            break;
        case part::tail:
        case part::end:
            part_ = part::end;
            break;
        }
    }

    asio::awaitable<void> open_log() {
        const jobs::view how{options_.level, jobs::markup::html};
        auto opened = co_await jobs_.open_log(job_.id, how, 0, jobs::follow::yes);
        if (opened) {
            reader_ = std::move(*opened);
            part_ = part::log;
        } else {
            pause(part::log_end, failure_html(opened.error()));
        }
    }

    /// Shows the outcome once there is one. Without a log to follow that may take hours, in which
    /// the page has to stay alive all the same.
    asio::awaitable<void> conclude() {
        auto ended = co_await jobs_.wait(job_.id, options_.keep_alive);
        if (ended && !is_final(ended->state)) {
            pause(part::log_end, std::string(empty_comment));
            co_return;
        }
        std::string tail(log_end);
        if (ended) {
            job_ = std::move(*ended);
            tail += options_.place == outcome_place::end ? outcome_html(job_) : "";
        } else {
            tail += failure_html(ended.error());
        }
        tail += grew_ ? hide_running() : "";
        tail += page_end();
        pause(part::tail, std::move(tail));
    }

    jobs::service& jobs_;
    jobs::job job_;
    job_stream_options options_;
    bool grew_;
    part part_ = part::head;
    std::shared_ptr<const std::string> text_ = {};
    std::size_t at_ = 0;
    std::unique_ptr<jobs::log_reader> reader_ = {};
};

} // namespace

http::streamed job_stream(jobs::service& jobs, jobs::job what, job_stream_options options) {
    http::streamed answer;
    answer.content_type = "text/html; charset=utf-8";
    answer.headers = page_headers();
    answer.headers.emplace_back("Restpoint-Job", std::to_string(what.id));
    // nginx holds back what it proxies unless it is told not to.
    answer.headers.emplace_back("X-Accel-Buffering", "no");
    answer.trailer_names = {std::string(state_trailer), std::string(code_trailer)};
    answer.body = std::make_unique<job_source>(jobs, std::move(what), std::move(options));
    return answer;
}

} // namespace restpoint::api
