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

/// Those who begin to sing together. Used on the loop.
struct choir {
    std::optional<asio::steady_timer> silence; ///< goes with the server, before its loop
    std::size_t waiting = 0;
    std::size_t consumed = 0;
    std::shared_ptr<const std::string> song = {};
    bool again = false; ///< and again, for ever

    asio::awaitable<void> wait_for_beginning() {
        if (silence) {
            boost::system::error_code begun;
            ++waiting;
            co_await silence->async_wait(asio::redirect_error(asio::use_awaitable, begun));
        }
    }
};

class singer : public http::body_source {
  public:
    explicit singer(std::shared_ptr<choir> with) : with_(std::move(with)) {}

    asio::awaitable<piece> peek() override {
        co_await with_->wait_for_beginning();
        co_return over_ ? piece{} : piece{with_->song, *with_->song};
    }
    void consume(std::size_t bytes) override {
        with_->consumed += bytes;
        over_ = !with_->again;
    }

  private:
    std::shared_ptr<choir> with_;
    bool over_ = false;
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

/// As many clients as ask before the choir begins, and the most that was consumed between two looks
/// once it has.
std::size_t most_between_looks(
    running_server& server, const std::shared_ptr<choir>& voices, std::size_t count) {
    server.on_loop(
        [&] { voices->silence.emplace(server.loop(), asio::steady_timer::time_point::max()); });
    std::vector<client> clients;
    for (std::size_t i = 0; i < count; ++i) {
        clients.emplace_back(server.port()).get("/");
    }
    REQUIRE(
        test::eventually([&] { return server.on_loop([&] { return voices->waiting == count; }); }));
    looks watch{voices, server.loop(), 100};
    server.on_loop([&] {
        voices->silence.reset();
        watch.look();
    });
    return watch.found.get_future().get();
}

asio::awaitable<http::reply> after_the_beginning(std::shared_ptr<choir> voices) {
    co_await voices->wait_for_beginning();
    http::streamed page;
    page.body = std::make_unique<singer>(voices);
    co_return http::reply(std::move(page));
}

} // namespace

TEST_CASE(
    "readers that are woken together leave the loop to others in between", "[http][component]") {
    const auto voices = std::make_shared<choir>();
    voices->song = std::make_shared<const std::string>(1U << 20U, 'a');
    voices->again = true;
    running_server server(test::answering([voices](const http::request&) -> http::reply {
        http::streamed page;
        page.body = std::make_unique<singer>(voices);
        return page;
    }));

    const auto most = most_between_looks(server, voices, 200);

    // A pass of four MiB, and as much for those who found room before there was a line.
    CHECK(most <= (9U << 20U));
    CHECK(server.on_loop([&] { return voices->consumed; }) > (9U << 20U));
}

TEST_CASE("streams that begin together leave the loop to others in between", "[http][component]") {
    const auto voices = std::make_shared<choir>();
    voices->song = std::make_shared<const std::string>("a");
    running_server server([voices](const http::request&) { return after_the_beginning(voices); });

    const auto most = most_between_looks(server, voices, 400);

    CHECK(most <= 260); // twice 128, as above, and a few
    CHECK(server.on_loop([&] { return voices->consumed; }) == 400);
}
