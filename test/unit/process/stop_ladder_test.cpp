#include "process/stop_ladder.hpp"
#include "support/catch.hpp"

#include <array>

using namespace restpoint::process;
using namespace std::chrono_literals;

TEST_CASE("each state of a stop has one next step", "[process]") {
    struct line {
        const char* why;
        stop_state now;
        std::chrono::milliseconds grace;
        stop_step next;
    };
    const std::array lines{
        line{"nothing sent yet", {true, false, 0ms, -1ms}, 10s, stop_step::terminate},
        line{"TERM just sent", {true, true, 0ms, -1ms}, 10s, stop_step::wait},
        line{"within the grace time", {true, true, 9999ms, -1ms}, 10s, stop_step::wait},
        line{"the grace time is up", {true, true, 10000ms, -1ms}, 10s, stop_step::kill},
        line{"long past it", {true, true, 1h, -1ms}, 10s, stop_step::kill},
        line{"no grace: KILL follows TERM", {true, true, 0ms, -1ms}, 0ms, stop_step::kill},
        line{"no grace, still TERM first", {true, false, 0ms, -1ms}, 0ms, stop_step::terminate},
        line{"KILL just sent", {true, true, 10s, 0ms}, 10s, stop_step::wait},
        line{"KILL not taken yet", {true, true, 11s, 999ms}, 10s, stop_step::wait},
        line{"KILL is repeated", {true, true, 11s, 1000ms}, 10s, stop_step::kill},
        line{"KILL is repeated, late", {true, true, 20s, 7s}, 10s, stop_step::kill},
        line{"KILL without TERM: no way back", {true, false, 0ms, 0ms}, 10s, stop_step::wait},
        line{"KILL within the grace time", {true, true, 1s, 1000ms}, 10s, stop_step::kill},
        line{"gone by itself", {false, false, 0ms, -1ms}, 10s, stop_step::done},
        line{"gone after TERM", {false, true, 3s, -1ms}, 10s, stop_step::done},
        line{"gone when KILL was due", {false, true, 10s, -1ms}, 10s, stop_step::done},
        line{"gone after KILL", {false, true, 10s, 5ms}, 10s, stop_step::done},
    };

    for (const auto& l : lines) {
        CAPTURE(l.why);
        CHECK(next_stop_step(l.now, l.grace) == l.next);
    }
}

TEST_CASE("the time to the next step leads exactly to it", "[process]") {
    for (const auto grace : {0ms, 1ms, 500ms, 10000ms}) {
        for (const bool termed : {false, true}) {
            for (const auto since_term : {0ms, 1ms, 499ms, 500ms, 9999ms, 60000ms}) {
                for (const auto since_kill : {-1ms, 0ms, 1ms, 999ms, 1000ms, 5000ms}) {
                    const stop_state now{true, termed, since_term, since_kill};
                    CAPTURE(grace.count(), termed, since_term.count(), since_kill.count());
                    const auto left = time_to_next_step(now, grace);
                    auto just_before = now;
                    auto then = now;
                    for (auto* const s : {&just_before, &then}) {
                        const auto by = s == &then ? left : left - 1ms;
                        s->since_term += by;
                        s->since_kill += s->since_kill < 0ms ? 0ms : by;
                    }

                    CHECK(left >= 0ms);
                    CHECK(next_stop_step(then, grace) != stop_step::wait);
                    if (left > 0ms) {
                        CHECK(next_stop_step(just_before, grace) == stop_step::wait);
                    }
                }
            }
        }
    }
}

TEST_CASE("a child that ignores everything is sent TERM once and KILL every second", "[process]") {
    stop_state now;
    int terms = 0;
    int kills = 0;

    for (int elapsed = 0; elapsed < 5000; elapsed += 100) {
        const auto step = next_stop_step(now, 2000ms);
        if (step == stop_step::terminate) {
            ++terms;
            now.term_sent = true;
        }
        if (step == stop_step::kill) {
            ++kills;
            now.since_kill = 0ms;
        }
        now.since_term += now.term_sent ? 100ms : 0ms;
        now.since_kill += now.since_kill >= 0ms ? 100ms : 0ms;
    }

    CHECK(terms == 1);
    CHECK(kills == 3); // at 2, 3 and 4 s
}
