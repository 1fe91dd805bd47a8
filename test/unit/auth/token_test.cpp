#include "auth/role.hpp"
#include "auth/token.hpp"
#include "support/catch.hpp"

#include <string>

namespace restpoint::auth {
namespace {

token_bits counted() {
    token_bits bits;
    unsigned char next = 0;
    for (auto& byte : bits.id) {
        byte = next++;
    }
    for (auto& byte : bits.secret) {
        byte = next++;
    }
    return bits;
}

} // namespace

TEST_CASE("a token is its mark, its id and its secret in base32", "[unit][auth]") {
    // As base32(1) writes the bytes 00 01 … 18, five of them and then twenty.
    CHECK(make_token(counted()) == "rp_aaaqeaye_audaocajbifqydiob4ibceqtcqkrmfyy");
}

TEST_CASE("every bit of the secret shows", "[unit][auth]") {
    const auto zero = make_token({});
    for (std::size_t bit = 0; bit < 160; ++bit) {
        token_bits bits;
        bits.secret.at(bit / 8) = static_cast<unsigned char>(1U << (bit % 8));
        CAPTURE(bit);
        CHECK(make_token(bits) != zero);
    }
    CHECK(zero == "rp_aaaaaaaa_" + std::string(32, 'a'));
}

TEST_CASE("the id of a token is told by its form alone", "[unit][auth]") {
    const auto token = make_token(counted());

    CHECK(id_of(token) == token.substr(3, 8));
    CHECK(is_token_id(token.substr(3, 8)));
    for (const auto& text :
         {std::string(), std::string("rp_"), token + "a", token.substr(0, 43), " " + token,
          "xx" + token.substr(2), token.substr(0, 11) + "-" + token.substr(12),
          "rp_AAAAAAAA" + token.substr(11), token.substr(0, 43) + "1",
          token.substr(0, 43) + std::string(1, '\0')}) {
        CAPTURE(text);
        CHECK_FALSE(id_of(text));
    }
}

TEST_CASE("a role is read as it is written", "[unit][auth]") {
    for (const auto one : {role::viewer, role::operate, role::admin}) {
        CHECK(parse_role(to_string(one)) == one);
    }
    CHECK(to_string(role::operate) == "operator");
    CHECK_FALSE(parse_role("Admin"));
    CHECK_FALSE(parse_role("root"));
    CHECK_FALSE(parse_role(""));
    CHECK(role::viewer < role::operate);
    CHECK(role::operate < role::admin);
}

} // namespace restpoint::auth
