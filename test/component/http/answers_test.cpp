// Whole answers over real sockets: order, persistence, HEAD, headers, guards, failures.
#include "client.hpp"
#include "running_server.hpp"
#include "support/catch.hpp"

#include <stdexcept>

using namespace restpoint;
using test::answering;
using test::client;
using test::running_server;

namespace {

http::reply echo_path(const http::request& asked) {
    http::response page;
    page.body = asked.path;
    return page;
}

http::reply echo_body(const http::request& asked) {
    http::response page;
    page.body = asked.body;
    return page;
}

} // namespace

TEST_CASE("requests of one connection are answered on it", "[http][component]") {
    running_server server(answering(echo_path));
    client c(server.port());

    c.get("/one");
    const auto first = c.read_answer();
    c.get("/two");
    const auto second = c.read_answer();

    CHECK(first.status == 200);
    CHECK(first.body == "/one");
    CHECK(second.body == "/two");
    CHECK_FALSE(second.headers.contains("connection"));
    CHECK(server.statistics().requests == 2);
    CHECK(server.statistics().connections == 1);
}

TEST_CASE("a hundred requests sent ahead are answered in their order", "[http][component]") {
    running_server server(answering(echo_path));
    client c(server.port());
    std::string all;
    for (int i = 0; i < 100; ++i) {
        all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    c.send(all);

    for (int i = 0; i < 100; ++i) {
        REQUIRE(c.read_answer().body == "/" + std::to_string(i));
    }
}

TEST_CASE("a request that arrives byte by byte is one request", "[http][component]") {
    running_server server(answering(echo_body));
    client c(server.port());

    for (const char byte :
         std::string("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nHost: evil\r\n\r\n")) {
        c.send(std::string_view(&byte, 1));
    }

    CHECK(c.read_answer().body == "abcde");
}

TEST_CASE("every answer carries the security headers, a date and our name", "[http][component]") {
    running_server server(answering([](const http::request& asked) {
        http::response page;
        if (asked.path == "/cached") {
            page.headers = {{"Cache-Control", "max-age=60"}, {"x-frame-options", "SAMEORIGIN"}};
        }
        return page;
    }));
    client c(server.port());

    c.get("/");
    auto plain = c.read_answer();
    c.get("/cached");
    auto chosen = c.read_answer();

    CHECK(plain.headers["x-content-type-options"] == "nosniff");
    CHECK(plain.headers["referrer-policy"] == "same-origin");
    CHECK(plain.headers["x-frame-options"] == "DENY");
    CHECK(plain.headers["cache-control"] == "no-store");
    CHECK(plain.headers["server"] == "restpoint");
    CHECK_THAT(plain.headers["date"], ContainsSubstring(" GMT"));
    CHECK(chosen.headers["cache-control"] == "max-age=60");
    CHECK(chosen.headers["x-frame-options"] == "SAMEORIGIN");
}

TEST_CASE("a value from a handler cannot end its header", "[http][component]") {
    running_server server(answering([](const http::request&) {
        http::response page;
        page.headers = {{"Location", "/a\r\nSet-Cookie: x=y"}, {"bad name", "z"}};
        return page;
    }));
    client c(server.port());

    c.get("/");
    auto got = c.read_answer();

    CHECK(got.headers["location"] == "/a  Set-Cookie: x=y");
    CHECK_FALSE(got.headers.contains("set-cookie"));
    CHECK_FALSE(got.headers.contains("bad name"));
}

TEST_CASE("HEAD has the length that GET has, and no body", "[http][component]") {
    running_server server(answering([](const http::request&) {
        http::response page;
        page.body = "twelve bytes";
        return page;
    }));
    client c(server.port());

    c.send("HEAD /a HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    auto head = c.read_answer(client::of::head);
    c.get("/a");
    const auto get = c.read_answer();

    CHECK(head.headers["content-length"] == "12");
    CHECK(get.body == "twelve bytes");
}

TEST_CASE("a frozen answer is sent as often as it is asked for", "[http][component]") {
    http::response page;
    page.content_type = "text/html; charset=utf-8";
    page.headers = {{"ETag", "\"1\""}};
    page.body = std::string(20000, 'x');
    running_server server(
        answering([ready = http::freeze(page)](const http::request&) { return ready; }));
    client c(server.port());

    c.get("/");
    auto first = c.read_answer();
    c.send("HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    auto head = c.read_answer(client::of::head);
    c.get("/", "Connection: close\r\n");
    auto last = c.read_answer();

    CHECK(first.body == page.body);
    CHECK(first.headers["etag"] == "\"1\"");
    CHECK(head.headers["content-length"] == "20000");
    CHECK(last.body == page.body);
    CHECK(last.headers["connection"] == "close");
    CHECK(c.is_closed());
}

TEST_CASE("an answer larger than every buffer arrives whole", "[http][component]") {
    const std::string large(32U << 20U, 'y');
    running_server server(answering([&large](const http::request&) {
        http::response page;
        page.body = large;
        return page;
    }));
    client c(server.port(), 4096);

    c.get("/");

    CHECK(c.read_answer().body == large);
}

TEST_CASE("HTTP/1.0 is closed behind the answer unless it asks to go on", "[http][component]") {
    running_server server(answering(echo_path));
    client closing(server.port());
    client going_on(server.port());

    closing.send("GET /a HTTP/1.0\r\n\r\n");
    going_on.send("GET /b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

    auto last = closing.read_answer();
    CHECK(last.body == "/a");
    CHECK(last.headers["connection"] == "close");
    CHECK(closing.is_closed());
    auto first = going_on.read_answer();
    CHECK(first.headers["connection"] == "keep-alive");
    going_on.send("GET /c HTTP/1.0\r\n\r\n");
    CHECK(going_on.read_answer().body == "/c");
}

TEST_CASE("204 and 304 have neither body nor length", "[http][component]") {
    running_server server(answering([](const http::request& asked) {
        http::response page;
        page.status = asked.path == "/none" ? 204 : 304;
        page.body = "must not be sent";
        return page;
    }));
    client c(server.port());

    c.get("/none");
    const auto none = c.read_answer();
    c.get("/same");
    const auto same = c.read_answer();

    CHECK(none.status == 204);
    CHECK_FALSE(none.headers.contains("content-length"));
    CHECK(same.status == 304);
    c.get("/none");
    CHECK(c.read_answer().status == 204);
}

TEST_CASE(
    "an exception of a handler is a 500 that tells an id and nothing else", "[http][component]") {
    running_server server(answering([](const http::request& asked) -> http::reply {
        if (asked.path == "/ok") {
            return http::response();
        }
        throw std::runtime_error("password is hunter2");
    }));
    client c(server.port());

    c.get("/fails");
    auto got = c.read_answer();
    c.get("/ok");

    CHECK(got.status == 500);
    CHECK(got.headers["content-type"] == "application/problem+json");
    CHECK_THAT(got.body, ContainsSubstring("\"code\":\"internal\""));
    CHECK_THAT(got.body, ContainsSubstring("\"request\":\""));
    CHECK_THAT(got.body, !ContainsSubstring("hunter2"));
    CHECK(c.read_answer().status == 200);
}

TEST_CASE("an answer that points at nothing is a 500", "[http][component]") {
    running_server server(answering(
        [](const http::request&) -> http::reply { return std::shared_ptr<const http::frozen>(); }));
    client c(server.port());

    c.get("/");

    CHECK(c.read_answer().status == 500);
}

TEST_CASE("guards answer before the handler does", "[http][component]") {
    std::atomic<int> handled = 0;
    http::server_options options;
    options.guard.allowed_hosts = {"db.example"};
    running_server server(
        answering([&handled](const http::request&) {
            ++handled;
            return http::response();
        }),
        options);
    client c(server.port());

    c.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    const auto foreign = c.read_answer();
    c.send("GET / HTTP/1.1\r\n\r\n");
    const auto missing = c.read_answer();
    c.send("GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n");
    const auto doubled = c.read_answer();
    c.get("/", "Sec-Fetch-Site: cross-site\r\n");
    const auto cross_site = c.read_answer();
    c.send("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto absolute = c.read_answer();

    CHECK(foreign.status == 421);
    CHECK(missing.status == 400);
    CHECK(doubled.status == 400);
    CHECK(cross_site.status == 403);
    CHECK(absolute.status == 421);
    CHECK(handled == 0);
    c.send("GET / HTTP/1.1\r\nHost: DB.example:5000\r\n\r\n");
    CHECK(c.read_answer().status == 200);
    CHECK(handled == 1);
}

TEST_CASE("an address that is in use is a conflict", "[http][component]") {
    running_server server(answering(echo_path));
    http::server_options options;
    options.port = server.port();

    const auto second =
        http::server::listen(server.loop().get_executor(), options, answering(echo_path));

    REQUIRE(second.has_error());
    CHECK(second.error().code == errc::conflict);
    CHECK_THAT(second.error().detail, ContainsSubstring(std::to_string(server.port())));
}

TEST_CASE("a name is not an address to listen on", "[http][component]") {
    boost::asio::io_context loop;
    http::server_options options;
    options.address = "localhost";

    const auto listening = http::server::listen(loop.get_executor(), options, answering(echo_path));

    REQUIRE(listening.has_error());
    CHECK(listening.error().code == errc::invalid);
}
