#include "http/head.hpp"
#include "http/request_id.hpp"
#include "support/catch.hpp"

using namespace restpoint::http;

namespace {

const std::string defaults = "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                             "Referrer-Policy: same-origin\r\nX-Frame-Options: DENY\r\n";

} // namespace

TEST_CASE("a body tells its end by length, by chunks or by the end of the connection", "[http]") {
    const auto fields = [](framing frame) {
        return render_head({.content_type = "text/plain", .frame = frame, .length = 12});
    };

    CHECK(
        fields(framing::length) ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n" + defaults);
    CHECK(
        fields(framing::chunked) ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n" + defaults);
    CHECK(
        fields(framing::until_close) ==
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + defaults);
}

TEST_CASE("what comes behind a chunked body is announced", "[http]") {
    const std::vector<std::string> none;
    const std::vector<std::string> two{"Restpoint-Job-State", "Restpoint-Exit-Code"};
    const auto head = [](const std::vector<std::string>* names) {
        return render_head({.frame = framing::chunked, .trailer_names = names});
    };

    CHECK_THAT(
        head(&two), ContainsSubstring("\r\nTrailer: Restpoint-Job-State, Restpoint-Exit-Code\r\n"));
    CHECK(head(&none).find("Trailer") == std::string::npos);
}

TEST_CASE("an answer that has no body says nothing of one", "[http]") {
    for (const unsigned status : {100U, 204U, 304U}) {
        CAPTURE(status);
        CHECK_FALSE(allows_body(status));
        const auto head = render_head({.status = status, .content_type = "text/plain"});
        CHECK(head.find("\nContent-") == std::string::npos);
    }
    CHECK(allows_body(200));
    CHECK_THAT(render_head({.status = 299}), StartsWith("HTTP/1.1 299 Unknown\r\n"));
}

TEST_CASE("what is no name cannot become a field, and no value can end its own", "[http]") {
    for (const auto* name : {"", "a b", "a:b", "a\r\nb", "caf\xC3\xA9"}) {
        CAPTURE(name);
        CHECK(render_field(name, "x").empty());
    }
    CHECK(
        render_field("Location", "/a\r\nSet-Cookie: b\x7f\tc") ==
        "Location: /a  Set-Cookie: b \tc\r\n");
}

TEST_CASE("the name of a request that went wrong is its own", "[http]") {
    const auto one = make_request_id();

    CHECK(one.size() == 16);
    CHECK(one.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(one != make_request_id());
}
