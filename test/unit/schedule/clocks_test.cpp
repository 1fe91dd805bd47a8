#include "schedule/clocks.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::schedule;
using namespace std::chrono;

namespace {

wall_time at(const char* text) {
    return parse_rfc3339(text).value();
}

} // namespace

TEST_CASE("clocks that nobody set show UTC", "[schedule]") {
    const clocks utc;

    CHECK(utc.name() == "UTC");
    CHECK(utc == clocks::of("UTC").value());
    CHECK(utc.text(at("2026-11-22T08:29:36.9Z")) == "2026-11-22T08:29:36+00:00");
    CHECK(utc.stretches().size() == 1);
}

TEST_CASE("a local time tells how far from UTC it is", "[schedule]") {
    const auto text = [](const char* zone, const char* instant) {
        return clocks::of(zone).value().text(at(instant));
    };

    CHECK(text("Europe/Berlin", "2026-03-29T00:59:59Z") == "2026-03-29T01:59:59+01:00");
    CHECK(text("Europe/Berlin", "2026-03-29T01:00:00Z") == "2026-03-29T03:00:00+02:00");
    CHECK(text("America/St_Johns", "2026-01-01T00:00:00Z") == "2025-12-31T20:30:00-03:30");
    CHECK(text("Asia/Kathmandu", "2026-01-01T00:00:00Z") == "2026-01-01T05:45:00+05:45");
    CHECK(
        parse_rfc3339(text("Asia/Kathmandu", "2026-01-01T00:00:00Z")) ==
        at("2026-01-01T00:00:00Z"));
}

TEST_CASE("clocks show the day of their zone", "[schedule]") {
    const auto apia = clocks::of("Pacific/Apia").value();

    const auto shown = apia.show(at("2026-11-21T11:00:00.7Z")); // a Saturday in UTC

    CHECK(floor<days>(shown) == local_days{2026y / 11 / 22});
    CHECK(shown - floor<days>(shown) == 0s);
}

TEST_CASE("the stretches of a zone follow each other without a hole", "[schedule]") {
    for (const auto* zone : {"Europe/Berlin", "Pacific/Apia", "Africa/Casablanca", "Asia/Tehran"}) {
        CAPTURE(zone);
        const auto clock = clocks::of(zone).value();
        const auto& all = clock.stretches();
        REQUIRE(all.size() > 2);
        CHECK(all.front().begin <= floor<seconds>(wall_time::min()));
        CHECK(all.back().end == floor<seconds>(wall_time::max()));
        for (std::size_t i = 1; i < all.size(); ++i) {
            REQUIRE(all[i].begin == all[i - 1].end);
            REQUIRE(all[i].offset != all[i - 1].offset);
            REQUIRE(all[i].begin < all[i].end);
            REQUIRE(clock.stretch_at(all[i].begin) == i);
            REQUIRE(clock.stretch_at(all[i].begin - 1s) == i - 1);
        }
        CHECK(clock.stretch_at(sys_seconds::min()) == 0);
        CHECK(clock.stretch_at(sys_seconds::max()) == all.size() - 1);
    }
}

TEST_CASE("what is new on a clock begins behind what it has shown", "[schedule]") {
    const auto clock = clocks::of("Europe/Berlin").value();
    const auto in = [&](const char* instant) {
        return clock.stretches()[clock.stretch_at(floor<seconds>(at(instant)))];
    };
    const auto summer = in("2026-07-01T00:00:00Z");
    const auto winter = in("2026-12-01T00:00:00Z");

    CHECK(summer.local(summer.begin) - summer.new_from == 1h);
    CHECK(winter.new_from - winter.local(winter.begin) == 1h);
}

TEST_CASE("clocks are not made up for a zone that nobody knows", "[schedule]") {
    for (const auto* name :
         {"", "Mars/Olympus", "utc", "europe/berlin", "../Europe/Berlin", "../../etc/passwd",
          "CET-1CEST,M3.5.0,M10.5.0/3", "right/Europe/Berlin"}) {
        CAPTURE(name);
        const auto clock = clocks::of(name);
        REQUIRE_FALSE(clock.has_value());
        CHECK(clock.error().code == errc::invalid);
        CHECK(clock.error().detail == "time zone '" + std::string(name) + "' is not known");
        CHECK_FALSE(clock.error().hint.empty());
    }
}
