#include "jobs/operation_queue.hpp"
#include "support/catch.hpp"

#include <csignal>
#include <future>
#include <memory>
#include <optional>
#include <vector>

using namespace restpoint::jobs;

namespace {

/// Keeps the queue's thread busy until it is let go.
class obstacle {
  public:
    explicit obstacle(operation_queue& queue) {
        std::function<void()> operation = [gate = gate_] {
            gate->begun.set_value();
            gate->go.get_future().wait();
        };
        REQUIRE(queue.push(operation, admission::bounded));
        gate_->begun.get_future().wait();
    }
    void let_go() { gate_->go.set_value(); }

  private:
    struct gate {
        std::promise<void> begun = {};
        std::promise<void> go = {};
    };

    /// The operation's as well: the queue may be at it when the obstacle goes.
    std::shared_ptr<gate> gate_ = std::make_shared<gate>();
};

} // namespace

TEST_CASE("operations are carried out in order, to the last one at the end", "[unit][jobs]") {
    std::vector<int> done;
    {
        operation_queue queue{100};
        for (int i = 0; i < 50; ++i) {
            std::function<void()> operation = [&done, i] { done.push_back(i); };
            REQUIRE(queue.push(operation, admission::bounded));
        }
    }

    REQUIRE(done.size() == 50);
    for (int i = 0; i < 50; ++i) {
        CHECK(done[static_cast<std::size_t>(i)] == i);
    }
}

TEST_CASE("a full queue refuses what may be refused and takes what may not", "[unit][jobs]") {
    int done = 0;
    {
        operation_queue queue{2};
        obstacle busy{queue};
        std::function<void()> one = [&done] { ++done; };
        std::function<void()> two = one;
        std::function<void()> three = one;
        std::function<void()> four = one;

        CHECK(queue.push(one, admission::bounded));
        CHECK(queue.push(two, admission::bounded));
        CHECK_FALSE(queue.push(three, admission::bounded));
        CHECK(three != nullptr);
        CHECK(queue.push(four, admission::always));
        busy.let_go();
    }

    CHECK(done == 3);
}

TEST_CASE("signals are not for the queue's thread", "[unit][jobs]") {
    std::promise<bool> blocked;
    operation_queue queue{1};
    std::function<void()> look = [&blocked] {
        sigset_t mask;
        pthread_sigmask(SIG_BLOCK, nullptr, &mask);
        blocked.set_value(sigismember(&mask, SIGTERM) == 1 && sigismember(&mask, SIGHUP) == 1);
    };

    REQUIRE(queue.push(look, admission::bounded));

    CHECK(blocked.get_future().get());
    sigset_t ours;
    pthread_sigmask(SIG_BLOCK, nullptr, &ours);
    CHECK(sigismember(&ours, SIGTERM) == 0);
}
