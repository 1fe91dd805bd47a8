// Many readers that could be served at the same time, and who comes between.
#include "client.hpp"
#include "running_server.hpp"
#include "support/catch.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <future>
#include <vector>

using namespace restpoint;
namespace asio = boost::asio;
using test::client;
using test::running_server;

namespace {

/// Sources that all begin at the same moment and never end. Used on the loop.
struct choir {
    std::optional<asio::steady_timer> silence; ///< goes with the server, before its loop
    std::size_t waiting = 0;
    std::size_t consumed = 0;
    std::shared_ptr<const std::string> song = std::make_shared<const std::string>(1U << 20U, 'a');
};

class singer : public http::body_source {
  public:
    explicit singer(std::shared_ptr<choir> with) : with_(std::move(with)) {}

    asio::awaitable<piece> peek() override {
        if (with_->silence) {
            boost::system::error_code begun;
            ++with_->waiting;
            co_await with_->silence->async_wait(asio::redirect_error(asio::use_awaitable, begun));
        }
        co_return piece{with_->song, *with_->song};
    }
    void consume(std::size_t bytes) override { with_->consumed += bytes; }

  private:
    std::shared_ptr<choir> with_;
};

/// What was consumed between two looks at it, each behind all that was ready at the one before.
struct looks {
    std::shared_ptr<choir> at;
    asio::io_context& loop;
    std::size_t left;
    std::size_t before = 0;
    std::size_t most = 0;
    std::promise<std::size_t> found = {};

    void look() {
        most = std::max(most, at->consumed - before);
        before = at->consumed;
        if (--left == 0) {
            found.set_value(most);
        } else {
            asio::post(loop, [this] { look(); });
        }
    }
};

} // namespace

TEST_CASE(
    "readers that are woken together leave the loop to others in between", "[http][component]") {
    constexpr std::size_t readers = 200;
    const auto voices = std::make_shared<choir>();
    running_server server(test::answering([voices](const http::request&) -> http::reply {
        http::streamed page;
        page.body = std::make_unique<singer>(voices);
        return page;
    }));
    server.on_loop(
        [&] { voices->silence.emplace(server.loop(), asio::steady_timer::time_point::max()); });
    std::vector<client> clients;
    for (std::size_t i = 0; i < readers; ++i) {
        clients.emplace_back(server.port()).get("/");
    }
    REQUIRE(test::eventually(
        [&] { return server.on_loop([&] { return voices->waiting == readers; }); }));
    looks watch{voices, server.loop(), 100};

    server.on_loop([&] {
        voices->silence.reset();
        watch.look();
    });

    // A pass of four MiB, and as much for those who found room before there was a line.
    const auto most = watch.found.get_future().get();
    CHECK(most <= (9U << 20U));
    CHECK(server.on_loop([&] { return voices->consumed; }) > (9U << 20U));
}
