// A server on a loop of its own, for blocking clients in the test's thread.
#pragma once

#include "http/server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace restpoint::test {

class running_server {
  public:
    explicit running_server(http::handler answer, http::server_options options = {});
    ~running_server();

    [[nodiscard]] unsigned short port() const { return port_; }
    [[nodiscard]] http::server_statistics statistics();

    /// Runs `f` on the loop and gives what it returns.
    template <class F>
    auto on_loop(F f) {
        std::promise<decltype(f())> given;
        auto result = given.get_future();
        boost::asio::post(loop_, [&] {
            if constexpr (std::is_void_v<decltype(f())>) {
                f();
                given.set_value();
            } else {
                given.set_value(f());
            }
        });
        return result.get();
    }

    void renew(std::shared_ptr<const http::tls_context> tls) {
        on_loop([&] { server_->renew(std::move(tls)); });
    }

    /// Starts a drain; is_drained() tells when it has returned, has_stopped() when run() has.
    void start_drain(std::chrono::milliseconds grace);
    [[nodiscard]] bool is_drained() const { return drained_; }
    [[nodiscard]] bool has_stopped() const { return stopped_; }

    [[nodiscard]] boost::asio::io_context& loop() { return loop_; }

  private:
    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    std::unique_ptr<http::server> server_;
    unsigned short port_ = 0;
    std::atomic<bool> stopped_ = false;
    std::atomic<bool> drained_ = false;
    std::thread thread_;
};

/// Waits for `condition`; false when it does not come true within the deadline.
[[nodiscard]] bool eventually(const std::function<bool()>& condition);

/// What a test knows of a body_source that the server owns. Used on the loop, but for `destroyed`.
struct source_script {
    explicit source_script(boost::asio::io_context& loop);

    void push(std::string bytes);
    void end();
    void fail();

    std::deque<std::shared_ptr<const std::string>> pieces = {};
    http::header_list trailers = {};
    bool ended = false;
    bool failed = false;
    std::size_t peeks = 0;
    std::optional<boost::asio::steady_timer>
        changed; ///< goes with the source, as it must not outlive the loop
    std::atomic<bool> destroyed = false;
};

[[nodiscard]] std::unique_ptr<http::body_source> play(std::shared_ptr<source_script> script);

/// A handler that answers every request with what `make` returns.
[[nodiscard]] http::handler answering(std::function<http::reply(const http::request&)> make);

} // namespace restpoint::test
