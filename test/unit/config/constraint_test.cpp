#include "config/constraint.hpp"
#include "support/catch.hpp"

using namespace restpoint::config;

TEST_CASE("only an address can be a loopback address", "[config]") {
    CHECK(is_loopback("127.8.9.10"));
    CHECK(is_loopback("::1"));
    CHECK(is_loopback("::ffff:127.0.0.1"));
    for (const auto* address : {"128.0.0.1", "::2", "localhost", ""}) {
        CAPTURE(address);
        CHECK_FALSE(is_loopback(address));
    }
}
