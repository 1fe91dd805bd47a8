#include "jobs/clock_trust.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace std::chrono_literals;

namespace {

const wall_time noon = *parse_rfc3339("2026-11-22T12:00:00Z");
const clock_trust::steady start{100h};

} // namespace

TEST_CASE("a clock that agrees with the records is believed", "[jobs]") {
    for (const auto age : {0h, 1h, 24h, -24h}) {
        clock_trust clock(noon, start, noon - age, 1h);
        CHECK(clock.believes(noon, start));
        CHECK(clock.believes(noon + 1h, start + 1h));
    }
}

TEST_CASE("without a record there is nothing to lose", "[jobs]") {
    CHECK(clock_trust(noon, start, std::nullopt, 1h).believes(noon, start));
}

TEST_CASE("a clock far from the records is believed after a while", "[jobs]") {
    const auto far = GENERATE(25h, -25h, 9000h);
    clock_trust clock(noon, start, noon - far, 1h);

    CHECK_FALSE(clock.believes(noon, start));
    CHECK_FALSE(clock.believes(noon + 59min, start + 59min));
    CHECK(clock.believes(noon + 1h, start + 1h));
    CHECK(clock.believes(noon + 2h, start + 2h));
}

TEST_CASE("a step begins the wait anew, a small one does not", "[jobs]") {
    clock_trust clock(noon, start, noon, 1h);
    CHECK(clock.believes(noon + 20h, start + 1min)); // nearly twenty hours ahead
    CHECK_FALSE(clock.believes(noon + 9000h, start + 2min));
    CHECK_FALSE(clock.believes(noon + 9000h + 30min, start + 32min));
    CHECK_FALSE(clock.believes(noon + 1h, start + 1h)); // set right again
    CHECK_FALSE(clock.believes(noon + 2h - 1min, start + 2h - 1min));
    CHECK(clock.believes(noon + 2h, start + 2h));
}
