#include "base/time_text.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace std::chrono;

TEST_CASE("a time is written in UTC with milliseconds", "[base]") {
    const wall_time t = sys_days{2026y / November / 22} + 8h + 29min + 36s + 120ms;

    CHECK(rfc3339(t) == "2026-11-22T08:29:36.120Z");
    CHECK(rfc3339(wall_time{}) == "1970-01-01T00:00:00.000Z");
}

TEST_CASE("what is written is read back", "[base]") {
    const wall_time t = sys_days{2024y / February / 29} + 23h + 59min + 59s + 7ms;

    CHECK(parse_rfc3339(rfc3339(t)) == t);
}

TEST_CASE("offsets are taken off", "[base]") {
    CHECK(parse_rfc3339("2026-11-22T10:00:00+02:00") == parse_rfc3339("2026-11-22T08:00:00Z"));
    CHECK(parse_rfc3339("2026-11-22T03:30:00-04:30") == parse_rfc3339("2026-11-22T08:00:00Z"));
}

TEST_CASE("a time that our clock cannot hold is none, and the last that it can is one", "[base]") {
    for (const auto* text :
         {"0000-01-01T00:00:00Z", "1677-09-21T00:00:00Z", "2262-04-11T23:47:16.9Z",
          "2262-04-12T01:00:00+00:30", "2816-12-31T23:59:60Z", "9999-12-31T23:59:59.999999999Z"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_rfc3339(text));
    }
    for (const auto* text : {"1677-09-21T00:12:45.000Z", "2262-04-11T23:47:15.000Z"}) {
        CHECK(rfc3339(parse_rfc3339(text).value()) == text);
    }
}

TEST_CASE("what is no time is refused", "[base]") {
    for (const auto* text :
         {"", "2026-11-22", "2026-11-22T08:00:00", "2026-02-30T08:00:00Z", "2026-13-01T08:00:00Z",
          "2026-11-22T24:00:00Z", "2026-11-22T08:00:00Zx", "26-11-22T08:00:00Z",
          "2026-11-22T08:00:00+0200", "2026-11-22T08:00:00+24:00", "2026-11-22T08:00:00+02:60",
          "2026-11-22T08:61:00Z"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_rfc3339(text));
    }
}
