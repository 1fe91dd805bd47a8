#include "auth/sessions.hpp"
#include "support/catch.hpp"

#include <vector>

namespace restpoint::auth {
namespace {

using namespace std::chrono_literals;

constexpr sessions::clock::time_point noon{12h};

} // namespace

TEST_CASE("a session remembers its token for its lifetime", "[unit][auth]") {
    sessions open;
    const auto secret = open.begin("aaaaaaaa", noon);

    CHECK(secret.size() == 32);
    CHECK(open.token_of(secret, noon) == "aaaaaaaa");
    CHECK(open.token_of(secret, noon + 12h - 1s) == "aaaaaaaa");
    CHECK_FALSE(open.token_of(secret, noon + 12h));
    CHECK(open.lifetime() == 12h);
}

TEST_CASE("what is no session has no token", "[unit][auth]") {
    sessions open;
    const auto secret = open.begin("aaaaaaaa", noon);

    CHECK_FALSE(open.token_of("", noon));
    CHECK_FALSE(open.token_of(secret.substr(1), noon));
    CHECK_FALSE(open.token_of("aaaaaaaa", noon));
}

TEST_CASE("a session that was ended is dead, and no other one", "[unit][auth]") {
    sessions open;
    const auto one = open.begin("aaaaaaaa", noon);
    const auto other = open.begin("aaaaaaaa", noon);
    CHECK(one != other);

    open.end(one);
    open.end("nonsense");

    CHECK_FALSE(open.token_of(one, noon));
    CHECK(open.token_of(other, noon));
}

TEST_CASE("the oldest sessions go where there are too many", "[unit][auth]") {
    sessions open({.lifetime = 12h, .most = 3, .most_of_a_token = 3});
    std::vector<std::string> secrets;
    for (const auto* id : {"a", "b", "c", "d"}) {
        secrets.push_back(open.begin(id, noon));
    }

    CHECK(open.size() == 3);
    CHECK_FALSE(open.token_of(secrets[0], noon));
    CHECK(open.token_of(secrets[3], noon) == "d");
}

TEST_CASE("who logs in again and again ends sessions of that token alone", "[unit][auth]") {
    sessions open({.lifetime = 12h, .most = 100, .most_of_a_token = 2});
    const auto admin = open.begin("admin", noon);
    const auto first = open.begin("viewer", noon);
    for (int i = 0; i < 10; ++i) {
        static_cast<void>(open.begin("viewer", noon));
    }

    CHECK(open.size() == 3);
    CHECK(open.token_of(admin, noon) == "admin");
    CHECK_FALSE(open.token_of(first, noon));
}

TEST_CASE("dead sessions take no room", "[unit][auth]") {
    sessions open;
    static_cast<void>(open.begin("a", noon));
    static_cast<void>(open.begin("a", noon + 12h));

    CHECK(open.size() == 1);
}

} // namespace restpoint::auth
