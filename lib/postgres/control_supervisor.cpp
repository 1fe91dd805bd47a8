// A server that supervisord runs. Told over its socket and asked until it is so, never with its own
// `wait`: its answer would come when it likes.
//
// supervisord kills what has not ended after `stopwaitsecs` (10 s by default): that is an operator's
// setting, and an immediate stop in effect, but one after which backends may go on for a moment.
#include "postgres/control_forms.hpp"
#include "postgres/postmaster.hpp"
#include "postgres/socket_exchange.hpp"
#include "postgres/stop_notes.hpp"
#include "postgres/supervisor_rpc.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace restpoint::postgres {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto answer_time = 10s; ///< supervisord is one thread, which runs its event listeners too
constexpr auto look_again = 100ms;

/// Its answer to getProcessInfo, as far as we go by it.
struct process_info {
    std::string state = {}; ///< STOPPED STARTING RUNNING BACKOFF STOPPING EXITED FATAL UNKNOWN
    std::string description = {};
    std::string spawn_error = {};
    pid_t pid = 0;
};

run_state meaning_of(const std::string& state) {
    if (state == "RUNNING" || state == "STOPPING") {
        return run_state::running;
    }
    if (state == "STARTING" || state == "BACKOFF") {
        return run_state::starting;
    }
    return state == "UNKNOWN" ? run_state::unknown : run_state::stopped;
}

class supervisor_control final : public control {
  public:
    explicit supervisor_control(control_options how) : how_(std::move(how)) {}

    result<> start(deadline_time deadline) override {
        const auto before = look(deadline);
        if (!before) {
            return before.error();
        }
        if (before->state == "STOPPING") {
            if (auto over = wait_for_end(stop_mode::fast, deadline); !over) {
                return over;
            }
        }
        if (before->state != "RUNNING" && before->state != "STARTING") {
            if (auto told = tell("startProcess", {false}, fault_already_started, deadline); !told) {
                return told;
            }
        }
        return wait_until_running(deadline);
    }

    result<> stop(stop_mode mode, deadline_time deadline) override {
        // First this, so that it does not start what ends before its time; it sends `stopsignal`.
        if (auto told = tell("stopProcess", {false}, fault_not_running, deadline); !told) {
            return told;
        }
        if (mode == stop_mode::immediate) {
            const auto told =
                tell("signalProcess", {std::string("QUIT")}, fault_not_running, deadline);
            if (!told) {
                return told;
            }
        }
        return wait_for_end(mode, deadline);
    }

    result<run_state> status() override {
        const auto now = look(clock::now() + answer_time);
        if (!now) {
            return now.error();
        }
        return meaning_of(now->state);
    }

  private:
    [[nodiscard]] result<rpc_answer> call(
        std::string_view verb, const std::vector<rpc_value>& more, deadline_time deadline) const {
        std::vector<rpc_value> parameters{how_.program};
        parameters.insert(parameters.end(), more.begin(), more.end());
        // Its answer comes at once: a deadline that has passed is no reason not to ask.
        const auto now = clock::now();
        const auto bytes = ask_socket(
            {how_.socket,
             rpc_request(
                 fmt::format("supervisor.{}", verb), parameters, {how_.user, how_.password})},
            std::min(std::max(deadline, now + 1s), now + answer_time));
        if (!bytes) {
            return bytes.error();
        }
        return parse_rpc_answer(*bytes);
    }

    [[nodiscard]] failure fault(std::string_view verb, const rpc_answer& answer) const {
        if (answer.fault == fault_bad_name) {
            return {
                errc::not_found, fmt::format("supervisord has no program '{}'", how_.program),
                "set postgres.supervisor_program to its name in supervisord's configuration"};
        }
        return {
            errc::unavailable,
            fmt::format(
                "supervisord refuses {} of '{}': {} (fault {})", verb, how_.program, answer.text,
                answer.fault),
            fmt::format("see 'supervisorctl status {}'", how_.program)};
    }

    /// `harmless` is the fault that says that it is so already.
    [[nodiscard]] result<> tell(
        std::string_view verb, const std::vector<rpc_value>& more, int harmless,
        deadline_time deadline) const {
        const auto answer = call(verb, more, deadline);
        if (!answer) {
            return answer.error();
        }
        if (answer->fault != 0 && answer->fault != harmless) {
            return fault(verb, *answer);
        }
        return {};
    }

    [[nodiscard]] result<process_info> look(deadline_time deadline) const {
        const auto answer = call("getProcessInfo", {}, deadline);
        if (!answer) {
            return answer.error();
        }
        if (answer->fault != 0) {
            return fault("getProcessInfo", *answer);
        }
        auto members = answer->members;
        process_info found{members["statename"], members["description"], members["spawnerr"]};
        const auto& pid = members["pid"];
        std::from_chars(pid.data(), pid.data() + pid.size(), found.pid);
        return found;
    }

    [[nodiscard]] result<> wait_until_running(deadline_time deadline) const {
        for (;;) {
            const auto now = look(deadline);
            if (!now) {
                return now.error();
            }
            if (now->state == "RUNNING") {
                return {};
            }
            // After a call that it has taken there is no other way into these.
            if (now->state == "FATAL" || now->state == "EXITED" || now->state == "STOPPED") {
                return failure{
                    errc::unavailable,
                    fmt::format(
                        "PostgreSQL did not start: supervisord has '{}' as {} ({})", how_.program,
                        now->state, now->spawn_error.empty() ? now->description : now->spawn_error),
                    fmt::format("see 'supervisorctl tail {} stderr'", how_.program)};
            }
            if (time_left(deadline) == 0ms) {
                return failure{
                    errc::timed_out,
                    fmt::format(
                        "PostgreSQL is still starting: supervisord has '{}' as {} ({})",
                        how_.program, now->state, now->description),
                    fmt::format("see 'supervisorctl tail {} stderr'", how_.program)};
            }
            sleep_for(std::min<std::chrono::milliseconds>(look_again, time_left(deadline)));
        }
    }

    [[nodiscard]] result<> wait_for_end(stop_mode mode, deadline_time deadline) const {
        const auto begin = clock::now();
        for (;;) {
            const auto now = look(deadline);
            if (!now) {
                return now.error();
            }
            const auto state = meaning_of(now->state);
            if (state == run_state::stopped) {
                return {};
            }
            if (time_left(deadline) == 0ms) {
                return stop_took_too_long(
                    to_string(mode),
                    std::chrono::floor<std::chrono::milliseconds>(clock::now() - begin),
                    now->pid > 0 ? titles_below(now->pid) : std::vector<std::string>{});
            }
            sleep_for(std::min<std::chrono::milliseconds>(look_again, time_left(deadline)));
        }
    }

    control_options how_;
};

} // namespace

std::unique_ptr<control> make_supervisor_control(control_options how) {
    return std::make_unique<supervisor_control>(std::move(how));
}

} // namespace restpoint::postgres
