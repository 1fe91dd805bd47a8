#include "http/accept_error.hpp"
#include "http/head.hpp"
#include "http/reply.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>

#include <cerrno>

using namespace restpoint::http;

namespace {

problem sample() {
    problem what;
    what.status = 409;
    what.code = "busy";
    what.detail = "job '12' <b>runs</b> \"now\"\xFF";
    what.hint = "wait & see";
    what.extra_json = "\"job\":\"12\"";
    what.headers = {{"Retry-After", "5"}};
    return what;
}

request browser() {
    request asked;
    asked.headers = {{"accept", "text/html,*/*;q=0.8"}};
    return asked;
}

bool has(const response& answer, const std::string& name) {
    for (const auto& [key, value] : answer.headers) {
        if (key == name && !value.empty()) {
            return true;
        }
    }
    return false;
}

} // namespace

TEST_CASE("a problem is JSON for a program", "[http]") {
    const auto answer = to_response(sample(), {});

    CHECK(answer.status == 409);
    CHECK(answer.content_type == "application/problem+json");
    CHECK(has(answer, "Retry-After"));
    const auto json = boost::json::parse(answer.body).as_object();
    CHECK(json.at("type").as_string() == "urn:restpoint:problem:busy");
    CHECK(json.at("title").as_string() == "Conflict");
    CHECK(json.at("status").as_int64() == 409);
    CHECK(json.at("code").as_string() == "busy");
    CHECK(json.at("detail").as_string() == "job '12' <b>runs</b> \"now\"\xEF\xBF\xBD");
    CHECK(json.at("hint").as_string() == "wait & see");
    CHECK(json.at("job").as_string() == "12");
}

TEST_CASE(
    "a problem without a code is about:blank and leaves out what it does not know", "[http]") {
    const auto answer = to_response(problem{404}, {});

    const auto json = boost::json::parse(answer.body).as_object();
    CHECK(json.at("type").as_string() == "about:blank");
    CHECK(json.at("title").as_string() == "Not Found");
    CHECK(json.size() == 3);
}

TEST_CASE("a problem is an escaped page without scripts for a browser", "[http]") {
    const auto answer = to_response(sample(), browser());

    CHECK(answer.content_type == "text/html; charset=utf-8");
    CHECK(has(answer, "Content-Security-Policy"));
    CHECK(has(answer, "Retry-After"));
    CHECK_THAT(answer.body, ContainsSubstring("&lt;b&gt;runs&lt;/b&gt;"));
    CHECK_THAT(answer.body, ContainsSubstring("wait &amp; see"));
    CHECK_THAT(answer.body, ContainsSubstring("409 busy"));
    CHECK_THAT(answer.body, !ContainsSubstring("<b>"));
    CHECK_THAT(answer.body, !ContainsSubstring("<script"));
}

TEST_CASE("the head of an answer leaves what the session owns to the session", "[http]") {
    const std::vector<std::pair<std::string, std::string>> headers = {
        {"Content-Length", "7"},
        {"connection", "upgrade"},
        {"Transfer-Encoding", "gzip"},
        {"X-Good", "1"}};
    head_parts parts;
    parts.status = 200;
    parts.content_type = "text/plain";
    parts.headers = &headers;
    parts.length = 5;

    const auto head = render_head(parts);

    CHECK_THAT(head, StartsWith("HTTP/1.1 200 OK\r\n"));
    CHECK_THAT(head, ContainsSubstring("Content-Length: 5\r\n"));
    CHECK_THAT(head, ContainsSubstring("X-Good: 1\r\n"));
    CHECK_THAT(head, !ContainsSubstring("7"));
    CHECK_THAT(head, !ContainsSubstring("upgrade"));
    CHECK_THAT(head, !ContainsSubstring("gzip"));
}

TEST_CASE("dates are those of RFC 9110", "[http]") {
    const auto when = std::chrono::system_clock::from_time_t(784111777);

    CHECK(http_date(when) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(
        render_closing(when, persistence::close) ==
        "Server: restpoint\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: close\r\n\r\n");
    CHECK(
        render_closing(when, persistence::implied) ==
        "Server: restpoint\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

TEST_CASE("an accept error that would come again at once is waited out", "[http]") {
    CHECK(judge_accept_error(EMFILE) == accept_verdict::back_off);
    CHECK(judge_accept_error(ENFILE) == accept_verdict::back_off);
    CHECK(judge_accept_error(ENOBUFS) == accept_verdict::back_off);
    CHECK(judge_accept_error(ENOMEM) == accept_verdict::back_off);
    CHECK(judge_accept_error(ECONNABORTED) == accept_verdict::next);
    CHECK(judge_accept_error(EINTR) == accept_verdict::next);
    CHECK(judge_accept_error(EAGAIN) == accept_verdict::none_waiting);
    CHECK(judge_accept_error(EBADF) == accept_verdict::fail);
    CHECK(judge_accept_error(EINVAL) == accept_verdict::fail);
}

TEST_CASE("the waits of an episode double up to a second", "[http]") {
    std::chrono::milliseconds wait{0};
    std::vector<long> waits;
    for (int i = 0; i < 7; ++i) {
        wait = next_back_off(wait);
        waits.push_back(wait.count());
    }

    CHECK(waits == std::vector<long>{50, 100, 200, 400, 800, 1000, 1000});
}
