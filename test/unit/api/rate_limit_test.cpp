#include "api/rate_limit.hpp"
#include "support/catch.hpp"

#include <map>

namespace restpoint::api {
namespace {

using advice = rate_limit::advice;
using namespace std::chrono_literals;

constexpr rate_limit::clock::time_point noon{12h};

/// How often each advice was given for `lines` at `now`.
std::map<advice, int> told(rate_limit& limit, int lines, rate_limit::clock::time_point now) {
    std::map<advice, int> counts;
    for (int i = 0; i < lines; ++i) {
        ++counts[limit.ask(now).what];
    }
    return counts;
}

} // namespace

TEST_CASE("as many lines as a second may hold are written", "[unit][api]") {
    rate_limit limit(3);

    CHECK(told(limit, 3, noon) == std::map<advice, int>{{advice::write, 3}});
    CHECK(told(limit, 3, noon + 1s) == std::map<advice, int>{{advice::write, 3}});
}

TEST_CASE("of a flood the first lines are written, and one says that more follow", "[unit][api]") {
    rate_limit limit(3);

    CHECK(
        told(limit, 1000, noon) ==
        std::map<advice, int>{{advice::write, 3}, {advice::announce, 1}, {advice::leave_out, 996}});
    CHECK(limit.ask(noon + 999ms).what == advice::leave_out);
}

TEST_CASE("what was left out is told once, with the next line", "[unit][api]") {
    rate_limit limit(3);
    told(limit, 10, noon);

    const auto next = limit.ask(noon + 1h);
    const auto after = limit.ask(noon + 1h);
    const auto later = limit.ask(noon + 2h);

    CHECK(next.what == advice::write);
    CHECK(next.left_out == 7);
    CHECK(after.left_out == 0);
    CHECK(later.left_out == 0);
}

TEST_CASE("what was left out is told without another line, once", "[unit][api]") {
    rate_limit limit(3);
    told(limit, 10, noon);

    CHECK(limit.take_left_out(noon + 999ms) == 0);
    CHECK(limit.take_left_out(noon + 1s) == 7);
    CHECK(limit.take_left_out(noon + 2s) == 0);
    CHECK(limit.ask(noon + 2s).left_out == 0);
    CHECK(
        told(limit, 5, noon + 2500ms) ==
        std::map<advice, int>{{advice::write, 2}, {advice::announce, 1}, {advice::leave_out, 2}});
}

} // namespace restpoint::api
