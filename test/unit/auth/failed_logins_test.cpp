#include "auth/failed_logins.hpp"
#include "support/catch.hpp"

namespace restpoint::auth {
namespace {

using namespace std::chrono_literals;

constexpr failed_logins::clock::time_point noon{12h};
constexpr failed_logins_limits three{.at_once = 3, .one_per = 6s, .most_addresses = 4};

} // namespace

TEST_CASE("the first failures of an address need no wait", "[unit][auth]") {
    failed_logins seen(three);

    CHECK_FALSE(seen.fail("10.0.0.1", noon));
    CHECK_FALSE(seen.fail("10.0.0.1", noon));
    CHECK_FALSE(seen.fail("10.0.0.1", noon));
    CHECK(seen.fail("10.0.0.1", noon) == 6s);
}

TEST_CASE("failures while it waits do not make the wait longer", "[unit][auth]") {
    failed_logins seen(three);
    for (int i = 0; i < 1000; ++i) {
        static_cast<void>(seen.fail("10.0.0.1", noon));
    }

    CHECK(seen.fail("10.0.0.1", noon + 5s) == 1s);
    CHECK_FALSE(seen.fail("10.0.0.1", noon + 6s));
    CHECK(seen.fail("10.0.0.1", noon + 6s) == 6s);
}

TEST_CASE("an address that was quiet begins anew", "[unit][auth]") {
    failed_logins seen(three);
    for (int i = 0; i < 10; ++i) {
        static_cast<void>(seen.fail("10.0.0.1", noon));
    }

    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(seen.fail("10.0.0.1", noon + 18s));
    }
    CHECK(seen.fail("10.0.0.1", noon + 18s));
}

TEST_CASE("another address waits for its own failures only", "[unit][auth]") {
    failed_logins seen(three);
    for (int i = 0; i < 10; ++i) {
        static_cast<void>(seen.fail("10.0.0.1", noon));
    }

    CHECK_FALSE(seen.fail("10.0.0.2", noon));
}

TEST_CASE("a machine with many IPv6 addresses is one caller", "[unit][auth]") {
    CHECK(caller_network("2001:db8::1") == caller_network("2001:db8:0:0:ffff::7"));
    CHECK(caller_network("2001:db8::1") != caller_network("2001:db8:0:1::1"));
    CHECK(caller_network("::ffff:10.0.0.1") == "10.0.0.1");
    CHECK(caller_network("10.0.0.1") == "10.0.0.1");
    CHECK(caller_network("local") == "local");
}

TEST_CASE("only so many addresses are remembered, the gravest ones", "[unit][auth]") {
    failed_logins seen(three);
    for (int i = 0; i < 4; ++i) {
        static_cast<void>(seen.fail("10.0.0.1", noon));
    }
    for (int i = 0; i < 1000; ++i) {
        static_cast<void>(seen.fail("10.0.1." + std::to_string(i), noon));
    }

    CHECK(seen.size() == 4);
    CHECK(seen.fail("10.0.0.1", noon));
}

TEST_CASE("addresses that have made up for their failures are forgotten first", "[unit][auth]") {
    failed_logins seen(three);
    for (int i = 0; i < 4; ++i) {
        static_cast<void>(seen.fail("10.0.1." + std::to_string(i), noon));
    }
    static_cast<void>(seen.fail("10.0.0.1", noon + 6s));

    CHECK(seen.size() == 1);
}

} // namespace restpoint::auth
