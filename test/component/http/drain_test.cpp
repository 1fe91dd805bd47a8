// The end of a server.
#include "client.hpp"
#include "running_server.hpp"
#include "support/catch.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

using namespace restpoint;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using test::client;
using test::eventually;
using test::running_server;

namespace {

/// A handler that answers when it is told to.
struct gate {
    std::shared_ptr<asio::steady_timer> opened; ///< cancelled once the gate is open
    std::atomic<int> entered = 0;
    std::atomic<int> left = 0;
    bool open = false;
};

asio::awaitable<http::reply> pass(std::shared_ptr<gate> through) {
    ++through->entered;
    const std::shared_ptr<void> leaving(nullptr, [through](void*) {
        through->opened.reset(); // it must not outlive the loop
        ++through->left;
    });
    const auto executor = co_await asio::this_coro::executor;
    through->opened = std::make_shared<asio::steady_timer>(executor, 1h);
    boost::system::error_code woken;
    while (!through->open) {
        co_await through->opened->async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    http::response page;
    page.body = "passed";
    co_return page;
}

http::handler gated(std::shared_ptr<gate> through) {
    return [through](const http::request&) { return pass(through); };
}

} // namespace

TEST_CASE("a drain closes idle connections and stops accepting", "[http][component]") {
    running_server server(test::answering([](const http::request&) { return http::response(); }));
    client idle(server.port());
    idle.get("/");
    REQUIRE(idle.read_answer().status == 200);

    server.start_drain(1h);

    CHECK(idle.is_closed());
    CHECK(eventually([&] { return server.is_drained(); }));
    CHECK(eventually([&] { return server.has_stopped(); }));
    client late;
    CHECK_THROWS_AS(late.connect(server.port()), std::system_error);
}

TEST_CASE("a request under way is answered before the drain ends", "[http][component]") {
    const auto through = std::make_shared<gate>();
    running_server server(gated(through));
    client c(server.port());
    c.get("/");
    REQUIRE(eventually([&] { return through->entered == 1; }));

    server.start_drain(1h);
    REQUIRE(eventually([&] { return server.has_stopped(); }));
    CHECK_FALSE(server.is_drained());
    server.on_loop([&] {
        through->open = true;
        through->opened->cancel();
    });

    auto got = c.read_answer();
    CHECK(got.body == "passed");
    CHECK(got.headers["connection"] == "close");
    CHECK(c.is_closed());
    CHECK(eventually([&] { return server.is_drained(); }));
}

TEST_CASE("what does not end within the grace period is cut", "[http][component]") {
    const auto through = std::make_shared<gate>();
    running_server server(gated(through));
    client c(server.port());
    c.get("/");
    REQUIRE(eventually([&] { return through->entered == 1; }));

    server.start_drain(10ms);

    CHECK(eventually([&] { return server.is_drained(); }));
    CHECK(through->left == 1);
    CHECK(c.is_closed());
}

TEST_CASE("a drain cuts streams at once", "[http][component]") {
    std::shared_ptr<test::source_script> script;
    running_server server(test::answering([&script](const http::request&) -> http::reply {
        http::streamed page;
        page.body = test::play(script);
        return page;
    }));
    script = std::make_shared<test::source_script>(server.loop());
    client c(server.port());
    c.get("/");
    c.read_until("\r\n\r\n");
    client with_more(server.port());
    with_more.get("/");
    with_more.read_until("\r\n\r\n");
    with_more.get("/waiting");

    server.start_drain(1h);

    CHECK(eventually([&] { return server.is_drained(); }));
    CHECK(script->destroyed);
    CHECK(c.is_closed());
    CHECK(with_more.is_closed());
}

TEST_CASE(
    "a server that is destroyed without a drain takes its sessions with it", "[http][component]") {
    const auto through = std::make_shared<gate>();
    {
        running_server server(gated(through));
        client c(server.port());
        c.get("/");
        REQUIRE(eventually([&] { return through->entered == 1; }));
    }

    CHECK(through->left == 1);
}
