#include "running_server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <stdexcept>

namespace asio = boost::asio;

namespace restpoint::test {
namespace {

asio::awaitable<void> drain(http::server& server, std::chrono::milliseconds grace) {
    co_await server.drain(grace);
}

class scripted_source : public http::body_source {
  public:
    explicit scripted_source(std::shared_ptr<source_script> script) : script_(std::move(script)) {}
    ~scripted_source() override {
        script_->changed.reset();
        script_->destroyed = true;
    }

    asio::awaitable<piece> peek() override {
        ++script_->peeks;
        while (script_->pieces.empty() && !script_->ended && !script_->failed) {
            if (!script_->changed) { // went with another source of the same script
                throw boost::system::system_error(asio::error::operation_aborted);
            }
            boost::system::error_code woken;
            script_->changed->expires_at(asio::steady_timer::time_point::max());
            co_await script_->changed->async_wait(asio::redirect_error(asio::use_awaitable, woken));
        }
        if (script_->failed) {
            throw std::runtime_error("the script says so");
        }
        if (script_->pieces.empty()) {
            co_return piece();
        }
        piece next;
        next.owner = script_->pieces.front();
        next.bytes = std::string_view(*next.owner).substr(consumed_);
        co_return next;
    }

    void consume(std::size_t bytes) override {
        consumed_ += bytes;
        if (consumed_ == script_->pieces.front()->size()) {
            script_->pieces.pop_front();
            consumed_ = 0;
        }
    }

    http::header_list trailers() override { return script_->trailers; }

  private:
    std::shared_ptr<source_script> script_;
    std::size_t consumed_ = 0;
};

asio::awaitable<http::reply> call(
    std::shared_ptr<std::function<http::reply(const http::request&)>> make,
    const http::request& asked) {
    auto made = (*make)(asked);
    co_return made;
}

} // namespace

running_server::running_server(http::handler answer, http::server_options options)
    : work_(loop_.get_executor()) {
    options.port = 0;
    auto listening =
        http::server::listen(loop_.get_executor(), std::move(options), std::move(answer));
    server_ = std::move(listening.value());
    port_ = server_->port();
    asio::co_spawn(
        loop_, [this] { return server_->run(); },
        [this](const std::exception_ptr& failed) { stopped_ = !failed; });
    thread_ = std::thread([this] { loop_.run(); });
}

running_server::~running_server() {
    on_loop([this] { server_.reset(); });
    work_.reset();
    thread_.join();
}

http::server_statistics running_server::statistics() {
    return on_loop([this] { return server_->statistics(); });
}

void running_server::start_drain(std::chrono::milliseconds grace) {
    on_loop([this, grace] {
        asio::co_spawn(
            loop_, [this, grace] { return drain(*server_, grace); },
            [this](const std::exception_ptr& failed) { drained_ = !failed; });
    });
}

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

source_script::source_script(asio::io_context& loop) : changed(std::in_place, loop) {}

void source_script::push(std::string bytes) {
    pieces.push_back(std::make_shared<const std::string>(std::move(bytes)));
    if (changed) {
        changed->cancel();
    }
}

void source_script::end() {
    ended = true;
    if (changed) {
        changed->cancel();
    }
}

void source_script::fail() {
    failed = true;
    if (changed) {
        changed->cancel();
    }
}

std::unique_ptr<http::body_source> play(std::shared_ptr<source_script> script) {
    return std::make_unique<scripted_source>(std::move(script));
}

http::handler answering(std::function<http::reply(const http::request&)> make) {
    auto shared =
        std::make_shared<std::function<http::reply(const http::request&)>>(std::move(make));
    return [shared](const http::request& asked) { return call(shared, asked); };
}

} // namespace restpoint::test
