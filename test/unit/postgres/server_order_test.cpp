#include "postgres/server_order.hpp"
#include "support/catch.hpp"

#include <string>

using namespace restpoint;
using namespace restpoint::postgres;

TEST_CASE("an order to a server is read as it was written", "[postgres]") {
    for (const auto what : {server_errand::start, server_errand::stop, server_errand::restart}) {
        for (const auto mode : {stop_mode::fast, stop_mode::immediate}) {
            const server_order order{what, mode};
            CAPTURE(to_json(order));
            CHECK(parse_server_order(to_json(order)).value() == order);
        }
    }
    CHECK(to_json(server_order{}) == R"({"do":"start","mode":"fast"})");
}

TEST_CASE("what is no order to a server is refused", "[postgres]") {
    for (const std::string text :
         {"", "[]", "{}", R"({"do":"stop"})", R"({"do":"stop","mode":7})",
          R"({"do":"stop","mode":"smart"})", R"({"do":"kill","mode":"fast"})",
          R"({"do":1,"mode":"fast"})"}) {
        CAPTURE(text);
        CHECK(parse_server_order(text).error().code == errc::invalid);
    }
    const auto mode = parse_stop_mode("smart\x01");
    REQUIRE(mode.has_error());
    CHECK(mode.error().detail == "'smart?' is no mode of a stop");
}
