#include "jobs/info_cache.hpp"

#include "backrest/command.hpp"
#include "backrest/exit_code.hpp"
#include "base/log.hpp"
#include "base/task_group.hpp"
#include "process/capture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint::jobs {

using std::chrono::steady_clock;

struct info_cache::state {
    state(asio::any_io_executor ex, info_options how)
        : executor(ex), options(std::move(how)), tasks(ex), landed(ex) {
        landed.expires_at(steady_clock::time_point::max());
    }

    asio::any_io_executor executor;
    info_options options;
    task_group tasks;
    asio::steady_timer landed; ///< cancelled whenever a flight ends: wakes all who wait

    std::shared_ptr<const info_answer> answer;
    std::optional<failure> last_failure; ///< of the newest flight; none when it brought an answer
    steady_clock::time_point answered_at{};
    std::uint64_t wanted = 1; ///< raised by drop(): answers of an earlier generation are not fresh
    std::uint64_t answered = 0;      ///< generation that `answer` was asked for in
    std::uint64_t tried = 0;         ///< generation of the newest flight that ended
    std::uint64_t flights_ended = 0; ///< tells a waiter that a flight ended, however
    bool in_flight = false;
    bool stopped = false;

    [[nodiscard]] bool fresh() const {
        return answer && answered == wanted &&
               steady_clock::now() - answered_at < options.fresh_for;
    }
};

namespace {

process::spawn_request request(const info_options& options, backrest::info::format output) {
    const backrest::invocation how{options.binary, options.config, options.stanza};
    return {backrest::to_argv(how, backrest::info{output}), options.environment};
}

/// What pgbackrest printed on success; its own words otherwise.
result<std::string> output_of(result<process::captured> ended) {
    if (!ended) {
        return ended.error();
    }
    if (ended->exit_code == 0) {
        return std::move(ended->out);
    }
    if (ended->signal) {
        return failure{
            errc::unavailable,
            fmt::format("pgbackrest info was ended by signal {}", *ended->signal),
            "look into the kernel's log: memory may have run out"};
    }
    auto said = ended->err.empty() ? ended->out : ended->err;
    while (!said.empty() && said.back() == '\n') {
        said.pop_back();
    }
    const auto meaning = backrest::explain_exit(ended->exit_code.value_or(125));
    return failure{
        errc::unavailable, fmt::format("pgbackrest info failed: {}", said),
        std::string(meaning.hint)};
}

asio::awaitable<result<info_answer>> ask(const info_options& options) {
    using namespace asio::experimental::awaitable_operators;
    const process::capture_limits limits{.deadline = options.deadline};
    auto as_json = process::capture(request(options, backrest::info::format::json), limits);
    auto as_text = process::capture(request(options, backrest::info::format::text), limits);
    auto [json, text] = co_await (std::move(as_json) && std::move(as_text));

    auto json_output = output_of(std::move(json));
    if (!json_output) {
        co_return json_output.error();
    }
    auto text_output = output_of(std::move(text));
    if (!text_output) {
        co_return text_output.error();
    }
    auto stanzas = backrest::parse_info(*json_output);
    info_answer answer;
    answer.text = std::move(*text_output);
    if (stanzas) {
        answer.stanzas = std::move(*stanzas);
    } else {
        // A newer pgbackrest may say things in a new shape: people can still read its text.
        log::warn("pgbackrest info's JSON is not understood", {{"error", stanzas.error().detail}});
    }
    answer.taken = std::chrono::system_clock::now();
    co_return answer;
}

} // namespace

info_cache::info_cache(asio::any_io_executor executor, info_options options)
    : state_(std::make_shared<state>(std::move(executor), std::move(options))) {}

info_cache::~info_cache() = default;

asio::awaitable<void> info_cache::fly(std::shared_ptr<state> s) {
    const auto generation = s->wanted;
    result<info_answer> answer = failure{};
    try {
        answer = co_await ask(s->options);
    } catch (const std::exception& e) {
        // Whoever waits must be told, and the next flight must be able to start.
        answer =
            failure{errc::unavailable, fmt::format("pgbackrest info was cut off: {}", e.what())};
    }
    if (answer) {
        s->answer = std::make_shared<const info_answer>(std::move(*answer));
        s->answered = generation;
        s->answered_at = steady_clock::now();
        s->last_failure.reset();
    } else {
        s->last_failure = answer.error();
    }
    s->in_flight = false;
    s->tried = generation;
    ++s->flights_ended;
    s->landed.cancel();
}

asio::awaitable<result<std::shared_ptr<const info_answer>>> info_cache::get() {
    const auto s = state_;
    const auto generation = s->wanted;
    const auto give_up = steady_clock::now() + s->options.patience;
    while (!s->fresh()) {
        if (s->stopped) {
            co_return failure{errc::unavailable, "restpoint is shutting down"};
        }
        if (!s->in_flight) {
            s->in_flight = true;
            s->tasks.spawn("pgbackrest info", [s] { return fly(s); });
        }
        const auto flight = s->flights_ended;
        co_await wait_for_landing(s, s->answer ? give_up : steady_clock::time_point::max());
        const bool landed = s->flights_ended != flight;
        // A flight that began before the last drop() may have looked too early: only one of our
        // generation counts.
        if (landed && s->tried < generation) {
            continue;
        }
        if (landed && !s->last_failure) {
            break;
        }
        if (!s->answer) {
            co_return s->last_failure.value_or(
                failure{errc::unavailable, "pgbackrest info was stopped"});
        }
        auto old = *s->answer;
        old.stale = true;
        co_return std::make_shared<const info_answer>(std::move(old));
    }
    co_return s->answer;
}

asio::awaitable<void> info_cache::wait_for_landing(
    std::shared_ptr<state> s, steady_clock::time_point until) {
    // A timer of its own: the shared one has no end, this one gives up.
    using namespace asio::experimental::awaitable_operators;
    boost::system::error_code woken;
    if (until == steady_clock::time_point::max()) {
        co_await s->landed.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        co_return;
    }
    asio::steady_timer limit(s->executor, until);
    boost::system::error_code expired;
    co_await (
        s->landed.async_wait(asio::redirect_error(asio::use_awaitable, woken)) ||
        limit.async_wait(asio::redirect_error(asio::use_awaitable, expired)));
}

void info_cache::drop() {
    ++state_->wanted;
}

asio::awaitable<void> info_cache::stop() {
    const auto s = state_;
    s->stopped = true;
    s->tasks.cancel(asio::cancellation_type::terminal);
    co_await s->tasks.join();
    if (s->in_flight) {
        s->in_flight = false;
        ++s->flights_ended;
        s->landed.cancel();
    }
}

} // namespace restpoint::jobs
