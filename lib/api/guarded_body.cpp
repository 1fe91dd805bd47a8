#include "api/guarded_body.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

class guarded : public http::body_source {
  public:
    guarded(std::unique_ptr<http::body_source> body, const door& at, std::string token_id)
        : body_(std::move(body)), door_(at), token_id_(std::move(token_id)) {}

    asio::awaitable<piece> peek() override {
        auto found = co_await body_->peek();
        if (!door_.is_good(token_id_, std::chrono::system_clock::now())) {
            // As when the client had gone: nobody is to be told but the one who is cut off.
            throw boost::system::system_error(asio::error::operation_aborted);
        }
        co_return found;
    }

    void consume(std::size_t bytes) override { body_->consume(bytes); }

    http::header_list trailers() override { return body_->trailers(); }

  private:
    std::unique_ptr<http::body_source> body_;
    const door& door_;
    std::string token_id_;
};

} // namespace

std::unique_ptr<http::body_source> guarded_body(
    std::unique_ptr<http::body_source> body, const door& at, std::string token_id) {
    return std::make_unique<guarded>(std::move(body), at, std::move(token_id));
}

} // namespace restpoint::api
