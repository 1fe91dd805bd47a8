#include "http/stream_seats.hpp"
#include "support/catch.hpp"

#include <vector>

using restpoint::http::stream_seats;

TEST_CASE("streams leave a quarter of the connections to others", "[http]") {
    stream_seats seats(8);
    std::vector<stream_seats::seat> taken;
    for (const auto* who : {"a", "b", "c", "d", "e", "f"}) {
        taken.push_back(seats.take(who));
        CHECK(taken.back() != nullptr);
    }

    CHECK(seats.take("g") == nullptr);
    CHECK(seats.taken() == 6);
    taken.pop_back();
    CHECK(seats.take("g") != nullptr);
    CHECK(seats.taken() == 5);
}

TEST_CASE("one caller's streams take no more than half of the connections", "[http]") {
    stream_seats seats(8);
    std::vector<stream_seats::seat> taken;
    for (int i = 0; i < 4; ++i) {
        taken.push_back(seats.take("a"));
        CHECK(taken.back() != nullptr);
    }

    CHECK(seats.take("a") == nullptr);
    CHECK(seats.take("b") != nullptr);
    taken.clear();
    CHECK(seats.taken() == 0);
    CHECK(seats.take("a") != nullptr);
}

TEST_CASE("where there is one connection there is one stream", "[http]") {
    stream_seats seats(1);
    const auto only = seats.take("a");

    CHECK(only != nullptr);
    CHECK(seats.take("b") == nullptr);
}
