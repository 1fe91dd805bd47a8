#include "api/text_body.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

class text_source : public http::body_source {
  public:
    explicit text_source(std::string text)
        : text_(std::make_shared<const std::string>(std::move(text))) {}

    asio::awaitable<piece> peek() override {
        co_return piece{text_, std::string_view(*text_).substr(at_)};
    }
    void consume(std::size_t bytes) override { at_ += bytes; }

  private:
    std::shared_ptr<const std::string> text_;
    std::size_t at_ = 0;
};

class log_source : public http::body_source {
  public:
    log_source(std::unique_ptr<jobs::log_reader> reader, std::uint64_t limit)
        : reader_(std::move(reader)), left_(limit) {}

    asio::awaitable<piece> peek() override {
        if (left_ == 0) {
            co_return piece{};
        }
        auto lines = co_await reader_->peek();
        const auto size = std::min<std::uint64_t>(lines.bytes.size(), left_);
        co_return piece{std::move(lines.owner), lines.bytes.substr(0, size)};
    }
    void consume(std::size_t bytes) override {
        reader_->consume(bytes);
        left_ -= bytes;
    }

  private:
    std::unique_ptr<jobs::log_reader> reader_;
    std::uint64_t left_;
};

} // namespace

std::unique_ptr<http::body_source> text_body(std::string text) {
    return std::make_unique<text_source>(std::move(text));
}

std::unique_ptr<http::body_source> log_body(
    std::unique_ptr<jobs::log_reader> reader, std::optional<std::uint64_t> limit) {
    return std::make_unique<log_source>(
        std::move(reader), limit.value_or(std::numeric_limits<std::uint64_t>::max()));
}

asio::awaitable<std::string> read_whole(http::body_source& body) {
    std::string whole;
    for (;;) {
        const auto next = co_await body.peek();
        if (next.bytes.empty()) {
            co_return whole;
        }
        whole += next.bytes;
        body.consume(next.bytes.size());
    }
}

} // namespace restpoint::api
