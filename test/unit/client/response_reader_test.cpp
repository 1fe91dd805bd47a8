#include "client/response_reader.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::client;

namespace {

struct heard {
    unsigned status = 0;
    std::string body = {};
    bool complete = false;
};

/// The answer in pieces of `size` bytes, and then the end of the connection.
heard read(const std::string& text, std::size_t size) {
    response_reader reader;
    heard all;
    for (std::size_t at = 0; at < text.size(); at += size) {
        const auto body = reader.take(std::string_view(text).substr(at, size));
        REQUIRE(body);
        all.body += *body;
    }
    all.complete = bool(reader.end());
    all.status = reader.status();
    CHECK(reader.complete() == all.complete);
    return all;
}

std::string refused(const std::string& text) {
    response_reader reader;
    const auto body = reader.take(text);
    REQUIRE(!body);
    CHECK(body.error().code == errc::io);
    return body.error().detail;
}

} // namespace

TEST_CASE("an answer is the same however its bytes come", "[unit][client]") {
    const auto size = GENERATE(as<std::size_t>(), 1, 2, 3, 7, 1000);

    SECTION("with a length") {
        const auto all = read("HTTP/1.1 404 Not Found\r\nContent-Length:  5 \r\n\r\nhello", size);
        CHECK(all.status == 404);
        CHECK(all.body == "hello");
        CHECK(all.complete);
    }
    SECTION("in chunks, with extensions and trailers") {
        const auto all = read(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n"
            "5;x=y\r\nhello\r\nA\r\n, my world\r\n0\r\nRestpoint-Job: 7\r\n\r\n",
            size);
        CHECK(all.body == "hello, my world");
        CHECK(all.complete);
    }
    SECTION("until the connection is closed") {
        const auto all = read("HTTP/1.0 200 OK\r\n\r\nhello", size);
        CHECK(all.body == "hello");
        CHECK(all.complete);
    }
    SECTION("behind 100 Continue") {
        const auto all = read(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", size);
        CHECK(all.status == 200);
        CHECK(all.body == "x");
    }
    SECTION("without a body") {
        CHECK(read("HTTP/1.1 204 No Content\r\nodd line\r\n\r\n", size).complete);
        CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", size).complete);
    }
}

TEST_CASE("what is behind an answer is not taken for a part of it", "[unit][client]") {
    CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxyz", 100).body == "x");
}

TEST_CASE("an answer that is cut off is told from a whole one", "[unit][client]") {
    const auto text = GENERATE(
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n");

    CHECK_FALSE(read(text, 1000).complete);
}

TEST_CASE("what is not HTTP is refused", "[unit][client]") {
    CHECK(refused("SSH-2.0-OpenSSH") == "the answer is not HTTP");
    CHECK(refused("HTTP/1.1 2xx\r\n\r\n") == "the answer has no status");
    CHECK(refused("HTTP/1.1\r\n\r\n") == "the answer has no status");
    CHECK(
        refused("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n") ==
        "the answer's length is no number");
    CHECK(
        refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n") ==
        "the answer comes in a transfer coding that nobody asked for");
    CHECK(
        refused("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n") ==
        "the answer has a chunk without a size");
    CHECK(
        refused("HTTP/1.1 200 OK\r\nX: " + std::string(70000, 'x')) ==
        "the answer's head has no end");
}
