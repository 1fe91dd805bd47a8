#include "http/escape.hpp"
#include "http/target.hpp"
#include "support/catch.hpp"

using namespace restpoint::http;

TEST_CASE("an escaped value comes back from a query", "[http]") {
    std::string all;
    for (int c = 1; c < 256; ++c) {
        all += static_cast<char>(c);
    }

    CHECK(query_escape("a-Z_0.~") == "a-Z_0.~");
    CHECK(query_escape("a b&c=d/\xC3\xA9") == "a%20b%26c%3Dd%2F%C3%A9");
    CHECK(percent_decode(query_escape(all)) == all);
}
