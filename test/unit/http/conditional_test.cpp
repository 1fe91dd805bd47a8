#include "http/conditional.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace restpoint::http;

namespace {

request get(std::vector<std::pair<std::string, std::string>> headers = {}) {
    request asked;
    asked.verb = method::get;
    asked.path = "/";
    asked.headers = std::move(headers);
    return asked;
}

response ok(std::string body) {
    return {200, "application/json", {{"Retry-After", "2"}}, std::move(body)};
}

std::string header(const response& answer, std::string_view name) {
    const auto found = std::ranges::find(answer.headers, name, &header_list::value_type::first);
    return found == answer.headers.end() ? "" : found->second;
}

} // namespace

TEST_CASE("a tag is quoted, and the same for the same bytes alone", "[unit][http]") {
    const auto tag = entity_tag("{\"jobs\":[]}");

    CHECK(tag.size() > 4);
    CHECK(tag.front() == '"');
    CHECK(tag.back() == '"');
    CHECK(tag.find('"', 1) == tag.size() - 1);
    CHECK(entity_tag(std::string("{\"jobs\":[]}")) == tag);
    CHECK(entity_tag("{\"jobs\":[ ]}") != tag);
    CHECK(entity_tag("") != entity_tag(std::string_view("\0", 1)));
}

TEST_CASE("who has the bytes already gets none", "[unit][http]") {
    const auto first = conditional(ok("body"), get());
    CHECK(first.status == 200);
    CHECK(first.body == "body");
    CHECK(header(first, "Cache-Control") == "private, no-cache");
    const auto tag = header(first, "ETag");

    const auto again = conditional(ok("body"), get({{"if-none-match", tag}}));
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(header(again, "ETag") == tag);
    CHECK(header(again, "Cache-Control") == "private, no-cache");
    CHECK(header(again, "Retry-After") == "2");

    const auto changed = conditional(ok("other"), get({{"if-none-match", tag}}));
    CHECK(changed.status == 200);
    CHECK(changed.body == "other");
}

TEST_CASE("a tag is found in a list, weak or not, and across fields", "[unit][http]") {
    const auto* const list =
        GENERATE(R"("x")", R"(W/"x")", R"("a", "b,c" , W/"x")", R"(,"",,"x")", "*", " * ");
    CAPTURE(list);
    CHECK(has_already(get({{"if-none-match", list}}), R"("x")"));
    CHECK(has_already(
        get({{"if-none-match", R"("y")"}, {"accept", "*"}, {"if-none-match", list}}), R"("x")"));
}

TEST_CASE("another tag, and what is none, names nothing", "[unit][http]") {
    const auto* const list =
        GENERATE("", "x", R"("y")", R"("X")", R"("xx")", R"("x)", R"(y "x")", R"(w/"x")", R"("*")");
    CAPTURE(list);
    CHECK_FALSE(has_already(get({{"if-none-match", list}}), R"("x")"));
    CHECK_FALSE(has_already(get({{"if-match", R"("x")"}}), R"("x")"));
}

TEST_CASE("only what was read well has a tag", "[unit][http]") {
    auto posts = get({{"if-none-match", "*"}});
    posts.verb = method::post;
    CHECK(conditional(ok("body"), posts).status == 200);
    CHECK(header(conditional(ok("body"), posts), "ETag").empty());

    auto missing = ok("{}");
    missing.status = 404;
    const auto answer = conditional(missing, get({{"if-none-match", "*"}}));
    CHECK(answer.status == 404);
    CHECK(header(answer, "ETag").empty());

    auto head = get({{"if-none-match", "*"}});
    head.verb = method::head;
    CHECK(conditional(ok("body"), head).status == 304);
}
