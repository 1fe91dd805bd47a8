// Taking turns, on a loop that the test itself runs: no sockets, no clock.
#include "base/task_group.hpp"
#include "http/turnstile.hpp"
#include "support/catch.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <vector>

using namespace restpoint;
namespace asio = boost::asio;

namespace {

struct hall {
    asio::io_context loop{1};
    std::shared_ptr<http::turnstile> turns = std::make_shared<http::turnstile>(
        loop.get_executor(), http::turnstile::limits{.bytes_a_pass = 4, .bytes_a_turn = 1});
    task_group tasks{loop.get_executor()};
    std::vector<int> served = {};

    /// Somebody who sends one byte, `turns_wanted` times.
    void visitor(int name, int turns_wanted = 1) {
        tasks.spawn("visitor", [this, name, turns_wanted] { return visit(name, turns_wanted); });
    }

    asio::awaitable<void> visit(int name, int turns_wanted) {
        for (int turn = 0; turn < turns_wanted; ++turn) {
            co_await turns->enter();
            served.push_back(name);
            turns->spend(1);
        }
    }

    /// Serves what is ready, and writes down after each round of it how many were served by then.
    std::vector<std::size_t> served_at_each_look(std::size_t until) {
        std::vector<std::size_t> seen;
        std::function<void()> look = [&] {
            seen.push_back(served.size());
            if (served.size() < until) {
                asio::post(loop, look);
            }
        };
        asio::post(loop, look);
        loop.run();
        return seen;
    }
};

} // namespace

TEST_CASE("while there is room nobody waits in line", "[http][component]") {
    hall h;

    for (int name = 0; name < 4; ++name) {
        CHECK(h.turns->try_enter());
        h.turns->spend(1);
    }

    CHECK_FALSE(h.turns->try_enter());
    CHECK(h.turns->spent() == 4);
    h.loop.run();
    CHECK(h.turns->try_enter());
}

TEST_CASE("who finds no room is let in in the order of the line", "[http][component]") {
    hall h;
    for (int name = 0; name < 11; ++name) {
        h.visitor(name);
    }

    h.loop.run();

    CHECK(h.served == std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    CHECK(h.turns->waiting() == 0);
}

TEST_CASE("nobody overtakes those who wait in line", "[http][component]") {
    hall h;
    for (int name = 0; name < 6; ++name) {
        h.visitor(name, 3);
    }

    h.loop.run();

    // Visitor 0 finds room for all of its turns, visitor 1 for one; from then on there is a line.
    CHECK(h.served == std::vector<int>{0, 0, 0, 1, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 2, 3, 4, 5});
}

TEST_CASE("what else is ready comes between two passes", "[http][component]") {
    hall h;
    for (int name = 0; name < 100; ++name) {
        h.visitor(name);
    }

    const auto seen = h.served_at_each_look(100);

    std::size_t before = 0;
    for (const auto now : seen) {
        CHECK(now - before <= 8); // those let in, and as many who came while there was room
        before = now;
    }
    CHECK(before == 100);
}

TEST_CASE("who is cancelled leaves the line to the others", "[http][component]") {
    hall h;
    for (int name = 0; name < 4; ++name) {
        h.visitor(name);
    }
    task_group leaving(h.loop.get_executor());
    leaving.spawn("leaver", [&h] { return h.visit(-1, 1); });
    h.visitor(4);
    while (h.turns->waiting() < 2) {
        REQUIRE(h.loop.run_one() > 0);
    }

    leaving.cancel(asio::cancellation_type::terminal);
    h.loop.run();

    CHECK(h.served == std::vector<int>{0, 1, 2, 3, 4});
    CHECK(h.turns->waiting() == 0);
    CHECK(leaving.size() == 0);
}

TEST_CASE("a line that goes with its loop lets go of who waits", "[http][component]") {
    const auto held = std::make_shared<int>(0);
    {
        hall h;
        h.tasks.spawn("holder", [&h, held]() -> asio::awaitable<void> {
            const auto kept = held;
            h.turns->spend(4);
            co_await h.turns->enter();
        });
        while (h.turns->waiting() == 0) {
            REQUIRE(h.loop.run_one() > 0);
        }
    }

    CHECK(held.use_count() == 1);
}
