// One question for all who ask at once, and its answer for some seconds: what `info` and the
// listing of an archive have in common. A question that hangs makes only those wait who want a fresh
// answer, and they get the last known one, marked.
#pragma once

#include "base/result.hpp"
#include "base/task_group.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace restpoint::jobs {

struct single_flight_options {
    std::string name = {};                     ///< of the question, for messages: "pgbackrest info"
    std::chrono::milliseconds fresh_for{5000}; ///< an answer this young is given without asking
    std::chrono::milliseconds patience{
        2000}; ///< how long a caller waits when there is an older answer to fall back on
};

/// `Answer` has a member `bool stale`.
template <class Answer>
class single_flight {
  public:
    using answer = result<std::shared_ptr<const Answer>>;
    using question = std::function<boost::asio::awaitable<result<Answer>>()>;

    single_flight(
        boost::asio::any_io_executor executor, single_flight_options options, question ask)
        : state_(std::make_shared<state>(std::move(executor), std::move(options), std::move(ask))) {
    }

    /// A fresh answer, or the last known one marked stale when a fresh one does not come within
    /// `patience` or fails. Fails only when there is no answer at all to give.
    [[nodiscard]] boost::asio::awaitable<answer> get();

    /// The answer that get() would give without asking; null when it would ask.
    [[nodiscard]] std::shared_ptr<const Answer> at_hand() const {
        return state_->fresh() ? state_->known : nullptr;
    }

    /// The next get() asks again, and does not take the answer to a question asked before.
    void drop() { ++state_->wanted; }

    /// Ends what is under way.
    [[nodiscard]] boost::asio::awaitable<void> stop();

  private:
    using clock = std::chrono::steady_clock;

    struct state {
        state(boost::asio::any_io_executor ex, single_flight_options how, question what)
            : executor(ex), options(std::move(how)), ask(std::move(what)), tasks(ex), landed(ex) {
            landed.expires_at(clock::time_point::max());
        }

        boost::asio::any_io_executor executor;
        single_flight_options options;
        question ask;
        task_group tasks;
        boost::asio::steady_timer landed; ///< cancelled whenever a flight ends: wakes all who wait

        std::shared_ptr<const Answer> known;
        std::optional<failure> last_failure; ///< of the newest flight; none when it answered
        clock::time_point answered_at{};
        std::uint64_t wanted = 1;   ///< raised by drop(): answers of an earlier one are not fresh
        std::uint64_t answered = 0; ///< generation that `known` was asked for in
        std::uint64_t tried = 0;    ///< generation of the newest flight that ended
        std::uint64_t flights_ended = 0; ///< tells a waiter that a flight ended, however
        bool in_flight = false;
        bool stopped = false;

        [[nodiscard]] bool fresh() const {
            return known && answered == wanted && clock::now() - answered_at < options.fresh_for;
        }
        void end_flight() {
            in_flight = false;
            ++flights_ended;
            landed.cancel();
        }
    };

    static boost::asio::awaitable<void> fly(std::shared_ptr<state> s);
    static boost::asio::awaitable<void> wait_for_landing(
        std::shared_ptr<state> s, clock::time_point until);

    std::shared_ptr<state> state_;
};

template <class Answer>
boost::asio::awaitable<void> single_flight<Answer>::fly(std::shared_ptr<state> s) {
    const auto generation = s->wanted;
    result<Answer> came = failure{};
    try {
        came = co_await s->ask();
    } catch (const std::exception& e) {
        // Whoever waits must be told, and the next flight must be able to start.
        came = failure{errc::unavailable, s->options.name + " was cut off: " + e.what()};
    }
    if (came) {
        s->known = std::make_shared<const Answer>(std::move(*came));
        s->answered = generation;
        s->answered_at = clock::now();
        s->last_failure.reset();
    } else {
        s->last_failure = came.error();
    }
    s->tried = generation;
    s->end_flight();
}

template <class Answer>
auto single_flight<Answer>::get() -> boost::asio::awaitable<answer> {
    const auto s = state_;
    const auto generation = s->wanted;
    const auto give_up = clock::now() + s->options.patience;
    while (!s->fresh()) {
        if (s->stopped) {
            co_return failure{errc::unavailable, "restpoint is shutting down"};
        }
        if (!s->in_flight) {
            s->in_flight = true;
            s->tasks.spawn(s->options.name, [s] { return fly(s); });
        }
        const auto flight = s->flights_ended;
        co_await wait_for_landing(s, s->known ? give_up : clock::time_point::max());
        const bool landed = s->flights_ended != flight;
        // A flight that began before the last drop() may have looked too early: only one of our
        // generation counts.
        if (landed && s->tried < generation) {
            continue;
        }
        if (landed && !s->last_failure) {
            break;
        }
        if (!s->known) {
            co_return s->last_failure.value_or(
                failure{errc::unavailable, s->options.name + " was stopped"});
        }
        auto old = *s->known;
        old.stale = true;
        co_return std::make_shared<const Answer>(std::move(old));
    }
    co_return s->known;
}

template <class Answer>
boost::asio::awaitable<void> single_flight<Answer>::wait_for_landing(
    std::shared_ptr<state> s, clock::time_point until) {
    // A timer of its own: the shared one has no end, this one gives up.
    using namespace boost::asio::experimental::awaitable_operators;
    using boost::asio::redirect_error;
    using boost::asio::use_awaitable;
    boost::system::error_code woken;
    if (until == clock::time_point::max()) {
        co_await s->landed.async_wait(redirect_error(use_awaitable, woken));
        co_return;
    }
    boost::asio::steady_timer limit(s->executor, until);
    boost::system::error_code expired;
    co_await (
        s->landed.async_wait(redirect_error(use_awaitable, woken)) ||
        limit.async_wait(redirect_error(use_awaitable, expired)));
}

template <class Answer>
boost::asio::awaitable<void> single_flight<Answer>::stop() {
    const auto s = state_;
    s->stopped = true;
    s->tasks.cancel(boost::asio::cancellation_type::terminal);
    co_await s->tasks.join();
    if (s->in_flight) {
        s->end_flight();
    }
}

} // namespace restpoint::jobs
