#include "api/one_time_tokens.hpp"
#include "support/catch.hpp"

#include <set>

namespace restpoint::api {

using namespace std::chrono_literals;

namespace {
constexpr one_time_tokens::clock::time_point start{};
}

TEST_CASE("a token is good once, for its own path", "[unit][api]") {
    one_time_tokens tokens;
    const auto token = tokens.issue("/backup/full", start);

    CHECK_FALSE(tokens.redeem(token, "/backup/diff", start));
    CHECK(tokens.redeem(token, "/backup/full", start));
    CHECK_FALSE(tokens.redeem(token, "/backup/full", start));
}

TEST_CASE("a token dies after its lifetime", "[unit][api]") {
    one_time_tokens tokens(10, 10min);
    const auto early = tokens.issue("/a", start);
    const auto late = tokens.issue("/a", start + 1min);

    CHECK_FALSE(tokens.redeem(early, "/a", start + 10min));
    CHECK(tokens.redeem(late, "/a", start + 10min));
}

TEST_CASE("a full table forgets its oldest token and never grows", "[unit][api]") {
    one_time_tokens tokens(2);
    const auto first = tokens.issue("/a", start);
    const auto second = tokens.issue("/a", start);
    const auto third = tokens.issue("/a", start);

    CHECK(tokens.size() == 2);
    CHECK_FALSE(tokens.redeem(first, "/a", start));
    CHECK(tokens.redeem(second, "/a", start));
    CHECK(tokens.redeem(third, "/a", start));
}

TEST_CASE("tokens are 128 bits in hex and never the same", "[unit][api]") {
    one_time_tokens tokens;
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto token = tokens.issue("/a", start);
        CHECK(token.size() == 32);
        CHECK(token.find_first_not_of("0123456789abcdef") == std::string::npos);
        seen.insert(token);
    }
    CHECK(seen.size() == 100);
}

TEST_CASE("nothing that was not issued is good", "[unit][api]") {
    one_time_tokens tokens;
    const auto token = tokens.issue("/a", start);

    CHECK_FALSE(tokens.redeem("", "/a", start));
    CHECK_FALSE(tokens.redeem(token.substr(0, 31), "/a", start));
    CHECK_FALSE(tokens.redeem(token + "0", "/a", start));
}

} // namespace restpoint::api
