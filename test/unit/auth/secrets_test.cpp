#include "auth/secrets.hpp"
#include "support/catch.hpp"

namespace restpoint::auth {

TEST_CASE("random bits are 32 characters of hex, and others each time", "[unit][auth]") {
    const auto one = random_hex();

    CHECK(one.size() == 32);
    CHECK(one.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(random_hex() != one);
}

TEST_CASE("the hash is SHA-256 in hex", "[unit][auth]") {
    // FIPS 180-2, appendix B.1
    CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("secrets are the same when every byte is", "[unit][auth]") {
    CHECK(same_secret("abc", "abc"));
    CHECK(same_secret("", ""));
    CHECK_FALSE(same_secret("abc", "abd"));
    CHECK_FALSE(same_secret("abc", "abcd"));
}

} // namespace restpoint::auth
