#include "auth/lifetime.hpp"
#include "support/catch.hpp"

namespace restpoint::auth {

using namespace std::chrono;

TEST_CASE("a lifetime is a number and a unit", "[unit][auth]") {
    CHECK(parse_lifetime("90d").value() == seconds{days{90}});
    CHECK(parse_lifetime("5m").value() == seconds{300});
    CHECK(parse_lifetime("12h").value() == seconds{43200});
    CHECK(parse_lifetime("2w").value() == seconds{days{14}});
    CHECK(parse_lifetime("10y").value() == seconds{days{3650}});
}

TEST_CASE("never is no lifetime", "[unit][auth]") {
    const auto never = parse_lifetime("never");

    REQUIRE(never);
    CHECK_FALSE(never->has_value());
}

TEST_CASE("anything else is refused with what may be written", "[unit][auth]") {
    for (const auto* text :
         {"", "d", "90", "0d", "-1d", "1.5d", "90 d", "90days", "11y", "3651d", "90x", "Never",
          "99999999999999999999d", "9223372036854775807y"}) {
        CAPTURE(text);
        const auto refused = parse_lifetime(text);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == errc::invalid);
        CHECK_THAT(refused.error().hint, ContainsSubstring("90d"));
    }
}

} // namespace restpoint::auth
