// Limits and hostile input over real sockets, each with its answer.
#include "base/unique_fd.hpp"
#include "client.hpp"
#include "running_server.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <sys/resource.h>

using namespace restpoint;
using namespace std::chrono_literals;
using test::answering;
using test::client;
using test::eventually;
using test::running_server;

namespace {

http::reply echo_body(const http::request& asked) {
    http::response page;
    page.body = asked.body;
    return page;
}

/// A server whose /stream says nothing and never ends, and whose other pages are short.
class endless_server {
  public:
    explicit endless_server(http::server_options options)
        : server(
              answering([this](const http::request& asked) -> http::reply {
                  if (asked.path != "/stream") {
                      return http::response();
                  }
                  http::streamed page;
                  page.body = test::play(std::make_shared<test::source_script>(server.loop()));
                  return page;
              }),
              std::move(options)) {}

    running_server server;
};

/// As few descriptors as are open, until the end of the scope.
class exhausted_descriptors {
  public:
    exhausted_descriptors() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const unique_fd next(::open("/dev/null", O_RDONLY | O_CLOEXEC));
        auto low = before_;
        low.rlim_cur = static_cast<rlim_t>(next.get());
        ::setrlimit(RLIMIT_NOFILE, &low);
    }
    ~exhausted_descriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
    exhausted_descriptors(const exhausted_descriptors&) = delete;
    exhausted_descriptors& operator=(const exhausted_descriptors&) = delete;

  private:
    rlimit before_ = {};
};

} // namespace

TEST_CASE("a head over the limit is 431 and ends the connection", "[http][component]") {
    http::server_options options;
    options.header_bytes = 1024;
    running_server server(answering(echo_body), options);
    client c(server.port());

    c.get("/", "X-Long: " + std::string(2000, 'x') + "\r\n");
    auto got = c.read_answer();

    CHECK(got.status == 431);
    CHECK(got.headers["connection"] == "close");
    CHECK(c.is_closed());
}

TEST_CASE("a head at the limit passes", "[http][component]") {
    http::server_options options;
    options.header_bytes = 1024;
    running_server server(answering(echo_body), options);
    client c(server.port());
    const std::string rest = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: \r\n\r\n";

    c.get("/", "X-Long: " + std::string(1024 - rest.size(), 'x') + "\r\n");

    CHECK(c.read_answer().status == 200);
}

TEST_CASE("a body over the limit is 413, announced or chunked", "[http][component]") {
    http::server_options options;
    options.body_bytes = 10;
    running_server server(answering(echo_body), options);
    client announced(server.port());
    client chunked(server.port());
    client exact(server.port());

    announced.send("POST / HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 11\r\n\r\n");
    chunked.send("POST / HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n");
    exact.send("POST / HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 10\r\n\r\n0123456789");

    CHECK(announced.read_answer().status == 413);
    CHECK(announced.is_closed());
    CHECK(chunked.read_answer().status == 413);
    CHECK(exact.read_answer().body == "0123456789");
}

TEST_CASE(
    "a client that waits for 100 Continue is told so, and only when it may go on",
    "[http][component]") {
    running_server server(answering(echo_body));
    client good(server.port());
    client foreign(server.port());
    client strange(server.port());

    good.send("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
              "Content-Length: 3\r\n\r\n");
    foreign.send("POST / HTTP/1.1\r\nHost: evil.example\r\nExpect: 100-continue\r\n"
                 "Content-Length: 3\r\n\r\n");
    strange.send("POST / HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\n"
                 "Content-Length: 3\r\n\r\n");

    CHECK(good.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    good.send("abc");
    CHECK(good.read_answer().body == "abc");
    CHECK(foreign.read_answer().status == 421);
    CHECK(strange.read_answer().status == 417);
}

TEST_CASE("what is no HTTP is refused and the connection ended", "[http][component]") {
    running_server server(answering(echo_body));
    const auto [bytes, status] = GENERATE(table<std::string, int>({
        {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\n\r\n", 505},
        {"GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET /%2e%2e/a HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
         "Content-Length: 2\r\n\r\nab",
         400},
        {"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
         "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         400},
        {"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n"
         "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n",
         501},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    }));
    client c(server.port());

    c.send(bytes);

    INFO(bytes);
    CHECK(c.read_answer().status == status);
    CHECK(c.is_closed());
}

TEST_CASE("a request that does not arrive in time is 408", "[http][component]") {
    http::server_options options;
    options.request_timeout = 20ms;
    running_server server(answering(echo_body), options);
    client in_head(server.port());
    client in_body(server.port());

    in_head.send("GET / HT");
    in_body.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab");

    CHECK(in_head.read_answer().status == 408);
    CHECK(in_head.is_closed());
    CHECK(in_body.read_answer().status == 408);
}

TEST_CASE("a connection without a request is closed without a word", "[http][component]") {
    http::server_options options;
    options.idle_timeout = 20ms;
    running_server server(answering(echo_body), options);
    client fresh(server.port());
    client used(server.port());

    used.get("/");

    CHECK(used.read_answer().status == 200);
    CHECK(used.is_closed());
    CHECK(fresh.is_closed());
}

TEST_CASE("a client that does not take its answer is cut", "[http][component]") {
    http::server_options options;
    options.write_timeout = 20ms;
    running_server server(
        answering([](const http::request&) {
            http::response page;
            page.body = std::string(64U << 20U, 'x');
            return page;
        }),
        options);
    client c(server.port(), 4096);

    c.get("/");

    CHECK(eventually([&] { return server.statistics().requests == 1; }));
    CHECK(eventually([&] { return server.statistics().connections == 0; }));
}

TEST_CASE(
    "one connection too many is told to come back, and there is room again later",
    "[http][component]") {
    http::server_options options;
    options.max_connections = 1;
    endless_server with_streams(options);
    auto& server = with_streams.server;
    client first(server.port());
    first.get("/stream");
    first.read_until("\r\n\r\n");

    client second(server.port());
    second.get("/");
    auto refused = second.read_answer();

    CHECK(refused.status == 503);
    CHECK(refused.headers["retry-after"] == "1");
    CHECK(refused.headers["connection"] == "close");
    CHECK(second.is_closed());
    CHECK(server.statistics().refused_connections == 1);
    first.reset();
    REQUIRE(eventually([&] { return server.statistics().connections == 0; }));
    client third(server.port());
    third.get("/");
    CHECK(third.read_answer().status == 200);
}

TEST_CASE(
    "where all connections wait for the rest of a request, the one that has waited longest goes",
    "[http][component]") {
    http::server_options options;
    options.max_connections = 3;
    running_server server(answering(echo_body), options);
    client longest(server.port());
    longest.send("GET / HT");
    client with_head(server.port());
    with_head.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n");
    client late(server.port());
    late.send("GET / HT");
    // Each has begun before the next may.
    REQUIRE(eventually([&] { return server.statistics().connections == 3; }));

    std::vector<std::unique_ptr<client>> newcomers;
    for (int i = 0; i < 5; ++i) {
        newcomers.push_back(std::make_unique<client>(server.port()));
        newcomers.back()->get("/");
        CHECK(newcomers.back()->read_answer().status == 200);
    }

    CHECK(longest.is_closed());
    with_head.send("ab");
    CHECK(with_head.read_answer().body == "ab");
    late.send("TP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK(late.read_answer().status == 200);
    CHECK(server.statistics().refused_connections == 0);
}

TEST_CASE("streams leave room for those who only ask", "[http][component]") {
    http::server_options options;
    options.max_connections = 4;
    endless_server with_streams(options);
    auto& server = with_streams.server;
    client one(server.port());
    one.get("/stream");
    one.read_until("\r\n\r\n");
    client two(server.port());
    two.get("/stream");
    two.read_until("\r\n\r\n");

    client more(server.port());
    more.get("/stream");
    auto refused = more.read_answer();

    CHECK(refused.status == 503);
    CHECK(refused.headers["retry-after"] == "5");
    CHECK_THAT(refused.body, ContainsSubstring("too_many_streams"));
    more.get("/");
    CHECK(more.read_answer().status == 200);
    two.reset();
    REQUIRE(eventually([&] { return server.statistics().connections == 2; }));
    more.get("/stream");
    CHECK_THAT(more.read_until("\r\n\r\n"), ContainsSubstring("200 OK"));
}

TEST_CASE(
    "where there is no room the connection that is idle longest makes way", "[http][component]") {
    http::server_options options;
    options.max_connections = 3;
    running_server server(answering(echo_body), options);
    client busy(server.port());
    busy.send("GET / HTTP/1.1\r\n");
    client longest(server.port());
    client used(server.port());
    for (auto* one : {&used, &longest, &used}) {
        one->get("/");
        REQUIRE(one->read_answer().status == 200);
    }

    client late(server.port());
    late.get("/");

    CHECK(late.read_answer().status == 200);
    CHECK(longest.is_closed());
    used.get("/");
    CHECK(used.read_answer().status == 200);
    busy.send("Host: localhost\r\n\r\n");
    CHECK(busy.read_answer().status == 200);
    CHECK(server.statistics().refused_connections == 0);
    CHECK(eventually([&] { return server.statistics().connections == 3; }));
}

TEST_CASE("newcomers make way for each other without end", "[http][component]") {
    http::server_options options;
    options.max_connections = 2;
    running_server server(answering(echo_body), options);
    std::vector<std::unique_ptr<client>> clients;

    for (int i = 0; i < 50; ++i) {
        clients.push_back(std::make_unique<client>(server.port()));
        clients.back()->get("/");
        CHECK(clients.back()->read_answer().status == 200);
    }

    CHECK(eventually([&] { return server.statistics().connections == 2; }));
    CHECK(server.statistics().refused_connections == 0);
}

TEST_CASE("out of descriptors, the server waits and then goes on", "[http][component]") {
    running_server server(answering(echo_body));
    client before(server.port());
    before.get("/");
    REQUIRE(before.read_answer().status == 200);
    client waiting;
    {
        const exhausted_descriptors none_left;

        waiting.connect(server.port());
        waiting.get("/");

        REQUIRE(eventually([&] { return server.statistics().accept_pauses > 0; }));
        before.get("/");
        CHECK(before.read_answer().status == 200);
        CHECK(server.statistics().connections == 1);
    }

    CHECK(waiting.read_answer().status == 200);
}
