// Handlers that wait, and clients that leave meanwhile.
#include "client.hpp"
#include "http/departure.hpp"
#include "running_server.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::client;
using test::eventually;
using test::running_server;

namespace {

struct visits {
    std::atomic<int> came = 0;
    std::atomic<int> left = 0;
};

asio::awaitable<http::reply> until_it_leaves(
    std::shared_ptr<visits> seen, const http::request& asked) {
    ++seen->came;
    co_await asked.client->wait();
    ++seen->left;
    co_return http::response{};
}

http::handler waiting(std::shared_ptr<visits> seen) {
    return [seen](const http::request& asked) { return until_it_leaves(seen, asked); };
}

} // namespace

TEST_CASE("a handler that waits is told that its client was reset", "[http][component]") {
    const auto seen = std::make_shared<visits>();
    running_server server(waiting(seen));
    client c(server.port());
    const bool sends_ahead = GENERATE(false, true);
    c.get("/");
    if (sends_ahead) {
        c.get("/next");
    }
    REQUIRE(eventually([&] { return seen->came == 1; }));
    CHECK(seen->left == 0);

    c.reset();

    CHECK(eventually([&] { return seen->left == 1; }));
    CHECK(eventually([&] { return server.statistics().connections == 0; }));
    CHECK(seen->came == 1);
}

TEST_CASE("what a client sends ahead does not end its waiting", "[http][component]") {
    const auto seen = std::make_shared<visits>();
    http::server_options options;
    options.half_closed_timeout = 1ms;
    running_server server(waiting(seen), options);
    client c(server.port());
    c.get("/");
    REQUIRE(eventually([&] { return seen->came == 1; }));

    c.get("/next");
    // A timer that is set later than several looks at the client and has fired proves them over.
    std::promise<void> over;
    asio::steady_timer timer(server.loop());
    server.on_loop([&] {
        timer.expires_after(20ms);
        timer.async_wait([&](boost::system::error_code) { over.set_value(); });
    });
    over.get_future().wait();

    CHECK(seen->left == 0);
}

TEST_CASE(
    "a client that ended its sending is not waited for without end, and is answered",
    "[http][component]") {
    const auto seen = std::make_shared<visits>();
    http::server_options options;
    options.half_closed_timeout = 10ms;
    running_server server(waiting(seen), options);
    client c(server.port());
    c.get("/");

    c.end_sending();

    CHECK(c.read_answer().status == 200);
    CHECK(c.is_closed());
    CHECK(seen->left == 1);
}
