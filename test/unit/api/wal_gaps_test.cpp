#include "api/wal_gaps.hpp"
#include "findings.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

using test::circumstances;

/// Segment 5 is not there and 6 has been for so long; the archive was listed this moment.
circumstances missing_five(std::chrono::seconds ago) {
    circumstances of;
    const auto now = std::chrono::floor<std::chrono::seconds>(of.rest.now.time_since_epoch());
    of.timeline().gaps = {{{1, 0, 5}, {1, 0, 5}, 1, {{1, 0, 4}}, {{1, 0, 6}}, (now - ago).count()}};
    return of;
}

std::size_t gaps_in(const circumstances& of) {
    return lasting_gaps(of.window.archives.at(0).window, of.found()).size();
}

/// What the archive command was good for, so long before the listing.
void confirm(circumstances& of, const std::string& name, std::chrono::seconds before) {
    of.rest.postgres->last_archived = name;
    of.rest.postgres->last_archived_at = of.window.taken - before;
}

using std::chrono::seconds;

} // namespace

TEST_CASE("a segment that a younger one has just overtaken is on its way", "[unit][api]") {
    auto of = missing_five(seconds{1});
    CHECK(gaps_in(of) == 0);
    confirm(of, "000000010000000000000004", seconds{5});
    CHECK(gaps_in(of) == 0);
    of.timeline().gaps[0].before_time += 60; // by a clock that is ahead
    CHECK(gaps_in(of) == 0);
    CHECK(gaps_of(of.window.archives.at(0).window).size() == 1);
}

TEST_CASE("what PostgreSQL was told is archived must be there", "[unit][api]") {
    auto of = missing_five(seconds{1});
    for (const auto* name :
         {"000000010000000000000005", "000000010000000000000006",
          "000000010000000000000005.00000028.backup", "000000020000000000000001"}) {
        CAPTURE(name);
        confirm(of, name, seconds{1});
        CHECK(gaps_in(of) == 1);
    }
}

TEST_CASE("a name that tells of no segment confirms none", "[unit][api]") {
    auto of = missing_five(seconds{1});
    for (const auto* name : {"", "00000002.history", "0000000100000000000000"}) {
        CAPTURE(name);
        confirm(of, name, seconds{1});
        CHECK(gaps_in(of) == 0);
    }
}

TEST_CASE("what was confirmed after the listing may have come after it too", "[unit][api]") {
    auto of = missing_five(seconds{1});
    confirm(of, "000000010000000000000006", seconds{-1});
    CHECK(gaps_in(of) == 0);
}

TEST_CASE("nothing is on its way for longer than two minutes", "[unit][api]") {
    CHECK(gaps_in(missing_five(seconds{119})) == 0);
    CHECK(gaps_in(missing_five(seconds{120})) == 1);
    CHECK(gaps_in(missing_five(seconds{-120})) == 1);
}

TEST_CASE("a gap with nothing behind it is one at once", "[unit][api]") {
    auto of = missing_five(seconds{1});
    of.timeline().gaps[0].before.reset();
    CHECK(gaps_in(of) == 1);
    of = missing_five(seconds{1});
    of.timeline().gaps[0].before_time = 0;
    CHECK(gaps_in(of) == 1);
}

TEST_CASE("without a primary to ask only time tells", "[unit][api]") {
    auto standby = missing_five(seconds{1});
    confirm(standby, "000000010000000000000006", seconds{1});
    standby.rest.postgres->in_recovery = true;
    CHECK(gaps_in(standby) == 0);
    for (const auto ago : {seconds{1}, seconds{300}}) {
        auto away = missing_five(ago);
        away.rest.postgres = failure{errc::unavailable, "it is away"};
        CHECK(gaps_in(away) == (ago > on_its_way ? 1 : 0));
    }
    auto unlisted = missing_five(seconds{1}).found();
    const auto window = (*unlisted.window)->archives.at(0).window;
    unlisted.window = failure{errc::unavailable, "not listed"};
    CHECK(lasting_gaps(window, unlisted).empty());
}

TEST_CASE("a segment on its way degrades nothing", "[unit][api]") {
    CHECK(judge(missing_five(seconds{1}).found()).what == condition::ok);
    CHECK(judge(missing_five(seconds{200}).found()).what == condition::degraded);
}

} // namespace restpoint::api
