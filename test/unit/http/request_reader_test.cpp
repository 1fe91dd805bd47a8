#include "http/request_reader.hpp"
#include "support/catch.hpp"

#include <memory>

using namespace restpoint::http;
using progress = request_reader::progress;

namespace {

const request_reader::limits small{256, 16};

progress feed_all(request_reader& reader, std::string_view bytes) {
    const auto done = reader.feed(bytes);
    CHECK(done.consumed <= bytes.size());
    return done.now;
}

unsigned status_of(std::string_view bytes) {
    request_reader reader(small, "");
    const auto done = reader.feed(bytes);
    return done.now == progress::refused ? reader.refusal().status : 0;
}

} // namespace

TEST_CASE("a request is read with its parts", "[http]") {
    request_reader reader(small, "127.0.0.1:9");

    REQUIRE(
        feed_all(
            reader, "PATCH /a%20b?c=d HTTP/1.1\r\nHost: h\r\nX-Two:  one  \r\nx-two: two\r\n"
                    "Content-Length: 4\r\n\r\nbody") == progress::complete);

    const auto& got = reader.value();
    CHECK(got.verb == method::patch);
    CHECK(got.path == "/a b");
    CHECK(got.parameter("c") == "d");
    CHECK_FALSE(got.parameter("d"));
    CHECK(got.header("x-two") == "one");
    CHECK_FALSE(got.header("x-three"));
    CHECK(got.body == "body");
    CHECK(got.peer == "127.0.0.1:9");
    CHECK(got.minor_version == 1);
    CHECK(reader.keep_alive());
}

TEST_CASE("the bytes behind a request are left for the next", "[http]") {
    request_reader reader(small, "peer");
    const std::string first = "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab";
    const std::string second = "\r\n\r\nGET /2 HTTP/1.0\r\n\r\n";
    std::string both = first + second;

    const auto one = reader.feed(both);
    REQUIRE(one.now == progress::complete);
    CHECK(one.consumed == first.size());
    reader.start();
    const auto two = reader.feed(both.substr(one.consumed));

    REQUIRE(two.now == progress::complete);
    CHECK(two.consumed == second.size());
    CHECK(reader.value().path == "/2");
    CHECK(reader.value().body.empty());
    CHECK(reader.value().headers.empty());
    CHECK(reader.value().minor_version == 0);
    CHECK(reader.value().peer == "peer");
    CHECK_FALSE(reader.keep_alive());
}

TEST_CASE("however the bytes are cut, the request is the same", "[http]") {
    const std::string bytes = "\r\nPOST /p?q=1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked"
                              "\r\n\r\n4\r\nabcd\r\n2\r\nef\r\n0\r\nX-Trailer: t\r\n\r\n";
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        request_reader reader(small, "");
        std::string waiting;
        auto now = progress::more;
        for (const auto& part : {bytes.substr(0, cut), bytes.substr(cut)}) {
            waiting += part;
            const auto done = reader.feed(waiting);
            waiting.erase(0, done.consumed);
            now = done.now;
        }
        INFO(cut);
        REQUIRE(now == progress::complete);
        CHECK(waiting.empty());
        CHECK(reader.value().body == "abcdef");
        CHECK(reader.value().path == "/p");
        CHECK(reader.value().headers.size() == 2);
    }
}

TEST_CASE("the fields behind a chunked body are not headers", "[http]") {
    request_reader reader(small, "");

    REQUIRE(
        feed_all(
            reader, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "0\r\nAuthorization: Bearer x\r\n\r\n") == progress::complete);

    CHECK_FALSE(reader.value().header("authorization"));
}

TEST_CASE("an absolute target replaces the Host, and not its absence", "[http]") {
    request_reader with_host(small, "");
    request_reader without(small, "");

    REQUIRE(
        feed_all(with_host, "GET http://real/a HTTP/1.1\r\nHost: other\r\n\r\n") ==
        progress::complete);
    REQUIRE(feed_all(without, "GET http://real/a HTTP/1.1\r\n\r\n") == progress::complete);

    CHECK(with_host.value().header("host") == "real");
    CHECK_FALSE(without.value().header("host"));
}

TEST_CASE("limits and malformed requests each have their status", "[http]") {
    const std::string host = " HTTP/1.1\r\nHost: h\r\n";

    CHECK(status_of("GET /" + std::string(300, 'a')) == 431);
    CHECK(status_of("GET /" + host + "X: " + std::string(300, 'a')) == 431);
    CHECK(status_of("POST /" + host + "Content-Length: 17\r\n\r\n") == 413);
    CHECK(status_of("POST /" + host + "Content-Length: 16\r\n\r\n") == 0);
    CHECK(status_of("GET / HTTP/3.0\r\n\r\n") == 505);
    CHECK(status_of("G@T /" + host + "\r\n") == 400);
    CHECK(status_of("GET /a//b" + host + "\r\n") == 400);
    CHECK(status_of("POST /" + host + "Content-Length: -1\r\n\r\n") == 400);
    CHECK(
        status_of("POST /" + host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n") ==
        400);
    CHECK(status_of("POST /" + host + "Transfer-Encoding: gzip\r\n\r\n") == 501);
    CHECK(status_of("POST /" + host + "Transfer-Encoding: chunked, gzip\r\n\r\n") == 501);
    CHECK(status_of("POST /" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n") == 501);
    CHECK(status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
    CHECK(status_of("POST /" + host + "Expect: 200-ok\r\nContent-Length: 1\r\n\r\n") == 417);
}

TEST_CASE("an expectation is told once, and only while the body is awaited", "[http]") {
    const std::string head =
        "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
    request_reader waiting(small, "");
    request_reader sending(small, "");

    CHECK(feed_all(waiting, head) == progress::more);
    CHECK(waiting.has_head());
    CHECK(waiting.take_expectation());
    CHECK_FALSE(waiting.take_expectation());
    CHECK(feed_all(waiting, "ab") == progress::complete);
    CHECK(feed_all(sending, head + "a") == progress::more);
    CHECK_FALSE(sending.take_expectation());
}

TEST_CASE("every method has its name", "[http]") {
    for (const auto* name : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
        request_reader known(small, "");
        REQUIRE(
            feed_all(known, std::string(name) + " / HTTP/1.1\r\nHost: h\r\n\r\n") ==
            progress::complete);
        CHECK(to_string(known.value().verb) == name);
    }
    CHECK(to_string(method::other) == "other");
    request_reader reader(small, "");
    REQUIRE(feed_all(reader, "BREW / HTTP/1.1\r\nHost: h\r\n\r\n") == progress::complete);
    CHECK(reader.value().verb == method::other);
}

TEST_CASE("Accept tells a browser from a program", "[http]") {
    const auto [accept, html] = GENERATE(table<std::string, bool>({
        {"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true},
        {"text/html", true},
        {"text/*", true},
        {"TEXT/HTML ; q=0.5", true},
        {"*/*", false},
        {"", false},
        {"application/json", false},
        {"application/json, text/html", false},
        {"application/json;q=0.5, text/html", true},
        {"text/html;q=0.2, */*;q=0.8", false},
        {"application/problem+json;q=0.9, text/html;q=0.8", false},
        {"text/html;q=0", false},
        {"text/html;q=0.1, application/json;q=0.5, text/html;q=0.9", true},
        {"text/html;level=1;q=0.3, application/*;q=0.2", true},
    }));
    request asked;
    CHECK_FALSE(asked.wants_html());
    asked.headers = {{"accept", accept}};

    INFO(accept);
    CHECK(asked.wants_html() == html);
}
