// A server that `restpoint agent` runs, in another container as a rule.
#include "postgres/agent_protocol.hpp"
#include "postgres/control_forms.hpp"
#include "postgres/socket_exchange.hpp"
#include "postgres/stop_notes.hpp"

#include <fmt/format.h>

#include <utility>

namespace restpoint::postgres {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto answer_time = 10s;
constexpr auto look_time = 2s; ///< of who only looks
constexpr auto look_again = 50ms;

class agent_control final : public control {
  public:
    explicit agent_control(control_options how) : how_(std::move(how)) {}

    result<> start(deadline_time deadline) override {
        auto now = ask({.verb = agent_verb::start, .holder = holder_}, deadline);
        for (;;) {
            if (!now) {
                return now.error();
            }
            if (now->state == run_state::running) {
                return {};
            }
            if (now->state == run_state::stopped) {
                return failure{
                    errc::unavailable, fmt::format("PostgreSQL did not start: {}", now->note),
                    "see the log of the container that the agent runs in"};
            }
            if (time_left(deadline) == 0ms) {
                return failure{
                    errc::timed_out,
                    fmt::format("PostgreSQL (pid {} at the agent) is still starting", now->pid),
                    "it goes on: after a crash it recovers from WAL first, which takes its time"};
            }
            sleep_for(std::min<std::chrono::milliseconds>(look_again, time_left(deadline)));
            now = ask({.verb = agent_verb::status}, deadline);
        }
    }

    result<> stop(stop_mode mode, deadline_time deadline) override {
        const auto begin = clock::now();
        auto now = ask({.verb = agent_verb::stop, .mode = mode, .holder = holder_}, deadline);
        for (;;) {
            if (!now) {
                return now.error();
            }
            if (now->state == run_state::stopped) {
                return {};
            }
            if (time_left(deadline) == 0ms) {
                return stop_took_too_long(
                    to_string(mode),
                    std::chrono::floor<std::chrono::milliseconds>(clock::now() - begin),
                    now->titles);
            }
            sleep_for(std::min<std::chrono::milliseconds>(look_again, time_left(deadline)));
            now = ask({.verb = agent_verb::status}, deadline);
        }
    }

    result<run_state> status() override {
        const auto now = ask({.verb = agent_verb::status}, clock::now() + answer_time);
        if (!now) {
            return now.error();
        }
        return now->state;
    }

    result<> hold(std::string_view holder) override {
        const auto held = ask(
            {.verb = agent_verb::hold, .holder = std::string(holder)}, clock::now() + answer_time);
        if (!held) {
            return held.error();
        }
        holder_ = holder;
        return {};
    }

    result<> release(std::string_view holder) override {
        const auto released =
            ask({.verb = agent_verb::release, .holder = std::string(holder)},
                clock::now() + answer_time);
        if (!released) {
            return released.error();
        }
        holder_.clear();
        return {};
    }

    result<std::string> holder() override {
        const auto now = ask({.verb = agent_verb::status}, clock::now() + look_time);
        return now ? result<std::string>(now->holder) : now.error();
    }

  private:
    /// Its answer comes at once, whatever it has been told; so a deadline that has passed is no
    /// reason not to ask how things stand.
    [[nodiscard]] result<agent_answer> ask(
        const agent_question& what, deadline_time deadline) const {
        const auto latest = clock::now() + answer_time;
        const auto bytes = ask_socket(
            {how_.socket, to_line(what),
             [](std::string_view answer) { return answer.find('\n') != answer.npos; }},
            std::min(std::max(deadline, clock::now() + 1s), latest));
        if (!bytes) {
            return bytes.error();
        }
        return parse_agent_answer(*bytes);
    }

    control_options how_;
    std::string holder_ = {};
};

} // namespace

std::unique_ptr<control> make_agent_control(control_options how) {
    return std::make_unique<agent_control>(std::move(how));
}

} // namespace restpoint::postgres
