// Streamed answers over real sockets.
#include "client.hpp"
#include "running_server.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace std::chrono_literals;
using test::client;
using test::eventually;
using test::play;
using test::running_server;
using test::source_script;

namespace {

/// A server whose /stream plays a script, and whose other pages are short.
class streaming_server {
  public:
    explicit streaming_server(http::server_options options = {})
        : server(
              test::answering([this](const http::request& asked) -> http::reply {
                  if (asked.path != "/stream") {
                      return http::response();
                  }
                  http::streamed page;
                  page.trailer_names = trailer_names;
                  page.length = length;
                  page.body = play(script);
                  return page;
              }),
              std::move(options)),
          script(std::make_shared<source_script>(server.loop())) {}

    void push(std::string bytes) {
        server.on_loop([&] { script->push(std::move(bytes)); });
    }
    void end() {
        server.on_loop([&] { script->end(); });
    }

    std::vector<std::string> trailer_names = {}; // before the server, whose handler reads them
    std::optional<std::uint64_t> length = {};
    running_server server;
    std::shared_ptr<source_script> script;
};

} // namespace

TEST_CASE(
    "a stream is chunked, piece by piece, with its trailers at the end", "[http][component]") {
    streaming_server s;
    s.trailer_names = {"Restpoint-Job-State", "Restpoint-Exit-Code"};
    s.script->trailers = {
        {"Restpoint-Job-State", "succeeded"}, {"Restpoint-Exit-Code", "0"}, {"X-Other", "no"}};
    client c(s.server.port());

    c.get("/stream");
    const auto head = c.read_until("\r\n\r\n");
    s.push("first line\n");
    const auto first = c.read_until("line\n\r\n");
    s.push("second");
    const auto second = c.read_until("second\r\n");
    s.end();
    const auto last = c.read_until("\r\n\r\n");

    CHECK_THAT(head, ContainsSubstring("Transfer-Encoding: chunked\r\n"));
    CHECK_THAT(head, ContainsSubstring("Trailer: Restpoint-Job-State, Restpoint-Exit-Code\r\n"));
    CHECK_THAT(head, !ContainsSubstring("Content-Length"));
    CHECK(first == "b\r\nfirst line\n\r\n");
    CHECK(second == "6\r\nsecond\r\n");
    CHECK(last == "0\r\nRestpoint-Job-State: succeeded\r\nRestpoint-Exit-Code: 0\r\n\r\n");
    CHECK(eventually([&] { return s.script->destroyed.load(); }));
    c.get("/");
    CHECK(c.read_answer().status == 200);
}

TEST_CASE("a stream of a known length has no chunks", "[http][component]") {
    streaming_server s;
    s.length = 5;
    client c(s.server.port());
    s.push("abc");
    s.push("defgh");

    c.get("/stream");
    auto got = c.read_answer();

    CHECK(got.headers["content-length"] == "5");
    CHECK(got.body == "abcde");
    c.get("/");
    CHECK(c.read_answer().status == 200);
}

TEST_CASE("a stream that is shorter than its length is cut", "[http][component]") {
    streaming_server s;
    s.length = 5;
    client c(s.server.port());
    s.push("abc");
    s.end();

    c.get("/stream");
    c.read_until("\r\n\r\n");

    CHECK(c.read_to_end() == "abc");
}

TEST_CASE("HTTP/1.0 gets the stream as it is, until close", "[http][component]") {
    streaming_server s;
    client c(s.server.port());
    s.push("abc");
    s.push("def");
    s.end();

    c.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto got = c.read_answer();

    CHECK(got.body == "abcdef");
    CHECK(got.headers["connection"] == "close");
    CHECK_FALSE(got.headers.contains("transfer-encoding"));
}

TEST_CASE("HEAD of a stream drops its source unread", "[http][component]") {
    streaming_server s;
    client c(s.server.port());

    c.send("HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");

    CHECK(c.read_answer(client::of::head).status == 200);
    CHECK(s.script->destroyed);
    c.get("/");
    CHECK(c.read_answer().status == 200);
    CHECK(s.server.on_loop([&] { return s.script->peeks; }) == 0);
}

TEST_CASE(
    "a client that ends its sending behind the request gets the whole stream",
    "[http][component]") {
    streaming_server s;
    client c(s.server.port());
    const bool sends_ahead = GENERATE(false, true);
    c.get("/stream");
    if (sends_ahead) {
        c.get("/after");
    }

    c.end_sending();
    c.read_until("\r\n\r\n");
    s.push("first");
    CHECK(c.read_until("first\r\n") == "5\r\nfirst\r\n");
    s.push("second");
    CHECK(c.read_until("second\r\n") == "6\r\nsecond\r\n");
    s.end();

    CHECK(c.read_until("\r\n\r\n") == "0\r\n\r\n");
    if (sends_ahead) {
        CHECK(c.read_answer().status == 200);
    }
    CHECK(c.is_closed());
}

TEST_CASE("a client that has left is noticed by what is sent to it", "[http][component]") {
    streaming_server s;
    client c(s.server.port());
    c.get("/stream");
    c.read_until("\r\n\r\n");

    c.leave();
    CHECK(eventually([&] {
        s.push("a sign of life");
        return s.script->destroyed.load();
    }));

    CHECK(eventually([&] { return s.server.statistics().connections == 0; }));
}

TEST_CASE(
    "a client that ended its sending is taken for gone when nothing is sent to it for long",
    "[http][component]") {
    http::server_options options;
    options.half_closed_timeout = 10ms;
    streaming_server s(options);
    client c(s.server.port());
    const bool sends_ahead = GENERATE(false, true);
    c.get("/stream");
    c.read_until("\r\n\r\n");
    if (sends_ahead) {
        c.get("/after");
    }

    c.end_sending();

    CHECK(eventually([&] { return s.script->destroyed.load(); }));
    CHECK(c.is_closed());
}

TEST_CASE("a client that leaves ends a stream that waits for its source", "[http][component]") {
    http::server_options options;
    options.half_closed_timeout = 1ms;
    streaming_server s(options);
    client c(s.server.port());
    c.get("/stream");
    c.read_until("\r\n\r\n");

    c.leave();

    CHECK(eventually([&] { return s.script->destroyed.load(); }));
    CHECK(eventually([&] { return s.server.statistics().connections == 0; }));
}

TEST_CASE(
    "a client that leaves with a request waiting is noticed by its reset", "[http][component]") {
    streaming_server s;
    client c(s.server.port());
    s.push("unread, so that leaving resets");
    c.get("/stream");
    REQUIRE(eventually([&] { return s.server.on_loop([&] { return s.script->pieces.empty(); }); }));
    c.get("/");

    c.leave();

    CHECK(eventually([&] { return s.script->destroyed.load(); }));
}

TEST_CASE("a request sent during a stream waits for the stream's end", "[http][component]") {
    streaming_server s;
    client c(s.server.port());
    c.get("/stream");
    c.get("/after");
    s.push("streamed");
    CHECK_THAT(c.read_until("streamed\r\n"), ContainsSubstring("8\r\n"));
    CHECK(s.server.statistics().requests == 1);

    s.end();

    CHECK(c.read_until("\r\n\r\n") == "0\r\n\r\n");
    CHECK(c.read_answer().status == 200);
    CHECK(s.server.statistics().requests == 2);
}

TEST_CASE(
    "a stalled client keeps no bytes alive, slows nobody and gets everything in the end",
    "[http][component]") {
    streaming_server s;
    client stalled(s.server.port(), 4096);
    const std::string large = [] {
        std::string text;
        for (int i = 0; text.size() < (24U << 20U); ++i) {
            text += std::to_string(i) + '\n';
        }
        return text;
    }();
    s.push(large);

    stalled.get("/stream");

    // The script's queue is the only owner once the writer waits for the client.
    REQUIRE(eventually([&] { return s.server.on_loop([&] { return s.script->peeks > 0; }); }));
    const auto owners = [&] {
        return s.server.on_loop([&] { return s.script->pieces.front().use_count(); });
    };
    CHECK(eventually([&] { return owners() == 1; }));
    client other(s.server.port());
    other.get("/");
    CHECK(other.read_answer().status == 200);
    s.end();
    CHECK(stalled.read_answer().body == large);
}

TEST_CASE(
    "a stream whose client takes nothing is cut after the stall timeout", "[http][component]") {
    http::server_options options;
    options.stream_stall_timeout = 20ms;
    streaming_server s(options);
    client c(s.server.port(), 4096);
    s.push(std::string(64U << 20U, 'x'));

    c.get("/stream");

    CHECK(eventually([&] { return s.script->destroyed.load(); }));
    CHECK(eventually([&] { return s.server.statistics().connections == 0; }));
}

TEST_CASE(
    "a source that waits longer than the stall and write timeouts is waited for",
    "[http][component]") {
    http::server_options options;
    options.stream_stall_timeout = 1ms;
    options.write_timeout = 1ms;
    options.idle_timeout = 1ms;
    options.request_timeout = 1ms;
    streaming_server s(options);
    client c(s.server.port());
    c.get("/stream");
    c.read_until("\r\n\r\n");
    s.push("a");
    CHECK(c.read_until("a\r\n") == "1\r\na\r\n");
    // A timer that is set later than all of those and has fired proves that they are over.
    std::promise<void> over;
    boost::asio::steady_timer timer(s.server.loop());
    s.server.on_loop([&] {
        timer.expires_after(20ms);
        timer.async_wait([&](boost::system::error_code) { over.set_value(); });
    });
    over.get_future().wait();

    s.push("b");

    CHECK(c.read_until("b\r\n") == "1\r\nb\r\n");
}

TEST_CASE(
    "a source that fails cuts the connection, so that the client knows", "[http][component]") {
    streaming_server s;
    client chunked(s.server.port());
    s.push("abc");
    chunked.get("/stream");
    chunked.read_until("abc\r\n");

    s.server.on_loop([&] { s.script->fail(); });

    CHECK(chunked.read_to_end().empty());
    CHECK(eventually([&] { return s.script->destroyed.load(); }));
}

TEST_CASE("a failing stream without frames is reset, not ended", "[http][component]") {
    streaming_server s;
    client c(s.server.port());
    s.push("abc");
    c.send("GET /stream HTTP/1.0\r\n\r\n");
    c.read_until("abc");

    s.server.on_loop([&] { s.script->fail(); });

    CHECK_THROWS_AS(c.read_to_end(), std::system_error);
}
