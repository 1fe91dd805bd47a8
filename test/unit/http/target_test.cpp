#include "http/target.hpp"
#include "support/catch.hpp"

using namespace restpoint::http;

namespace {

std::string path_of(std::string_view text) {
    const auto parsed = parse_target(text);
    return parsed ? parsed->path : "refused";
}

} // namespace

TEST_CASE("a path is decoded once", "[http]") {
    CHECK(path_of("/") == "/");
    CHECK(path_of("/pgBackRest/backup/full") == "/pgBackRest/backup/full");
    CHECK(path_of("/a%20b+c") == "/a b+c");
    CHECK(path_of("/%252e%252e") == "/%2e%2e");
    CHECK(path_of("/caf%C3%A9") == "/caf\xC3\xA9");
    CHECK(path_of("/...") == "/...");
    CHECK(path_of("/a?x=/../b") == "/a");
}

TEST_CASE("one slash at the end is dropped", "[http]") {
    CHECK(path_of("/a/b/") == "/a/b");
    CHECK(path_of("/a/?x=1") == "/a");
}

TEST_CASE("a path that two readers could read differently is refused", "[http]") {
    const auto text = GENERATE(
        "", "*", "a/b", "//", "//a", "/a//b", "/a//", "/.", "/..", "/a/../b", "/a/./b", "/%2e%2e/a",
        "/%2E", "/a%2Fb", "/a%2f", "/a%00", "/a%0a", "/a%7f", "/a%C2%80", "/a%c2%85b", "/a%C2%9F",
        "/a%", "/a%4", "/a%zz", "/a%C3", "/%C0%AE", "/a#b", "http:/a", "http://", "http://u@h/a",
        "ftp://h/a", "://h/a", "h:80");

    INFO(text);
    CHECK_FALSE(parse_target(text).has_value());
}

TEST_CASE("an absolute target has a host of its own", "[http]") {
    const auto parsed = parse_target("HTTP://db.example:5000/a/b?x=1");
    REQUIRE(parsed);

    CHECK(parsed->authority == "db.example:5000");
    CHECK(parsed->path == "/a/b");
    CHECK(parsed->query.size() == 1);
    CHECK(parse_target("http://h")->path == "/");
    CHECK(parse_target("https://h?x=1")->query.front().first == "x");
    CHECK_FALSE(parse_target("/a")->authority);
}

TEST_CASE("a query keeps order, repetitions and empty values", "[http]") {
    const auto parsed = parse_target("/a?name=x+y&name=%26%3D&&flag&empty=&=v&eq=a=b");
    REQUIRE(parsed);

    const std::vector<std::pair<std::string, std::string>> wanted = {
        {"name", "x y"}, {"name", "&="}, {"flag", ""}, {"empty", ""}, {"", "v"}, {"eq", "a=b"}};
    CHECK(parsed->query == wanted);
}

TEST_CASE("a broken escape in a query refuses the request", "[http]") {
    CHECK_FALSE(parse_target("/a?x=%"));
    CHECK_FALSE(parse_target("/a?%g1=x"));
    CHECK_FALSE(parse_form("a=%2"));
}
