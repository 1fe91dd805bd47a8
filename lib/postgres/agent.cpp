#include "postgres/agent.hpp"

#include "base/unique_fd.hpp"
#include "postgres/agent_child.hpp"
#include "postgres/agent_hold.hpp"
#include "postgres/agent_protocol.hpp"
#include "postgres/agent_rules.hpp"
#include "postgres/agent_socket.hpp"
#include "process/signal_descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <optional>
#include <utility>

namespace restpoint::postgres {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr int cannot_work = 70;
constexpr int no_such_command = 127;
constexpr auto look_again = 100ms;

void say(std::string_view text) {
    fmt::print(stderr, "restpoint agent: {}\n", text);
}

void say(const failure& why) {
    say(why.hint.empty() ? why.detail : fmt::format("{} ({})", why.detail, why.hint));
}

std::string how_it_ended(int status) {
    return WIFSIGNALED(status) ? fmt::format("was ended by signal {}", WTERMSIG(status))
                               : fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

bool means_the_end(int signal) {
    return signal == SIGTERM || signal == SIGINT || signal == SIGQUIT;
}

/// The lock, once no process of an earlier agent's server has it; none when a signal came first.
std::optional<unique_fd> take_lock(const std::filesystem::path& path, int signals) {
    unique_fd lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!lock) {
        say(system_failure(fmt::format("cannot open '{}'", path.native()), errno));
        return std::nullopt;
    }
    for (bool told = false; ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0; told = true) {
        if (!told) {
            say("waiting until the server of an earlier agent has ended");
        }
        pollfd one{signals, POLLIN, 0};
        ::poll(&one, 1, static_cast<int>(look_again.count()));
        while (const int signal = process::next_signal(signals)) {
            if (means_the_end(signal)) {
                return std::nullopt;
            }
        }
    }
    return lock;
}

class agent {
  public:
    agent(const agent_options& options, agent_socket socket, unique_fd lock, int signals)
        : options_(options),
          hold_(options.socket.native() + ".hold"),
          socket_(std::move(socket)),
          lock_(std::move(lock)),
          signals_(signals),
          server_(options.argv, lock_.get()) {}

    int run() {
        begin();
        for (;;) {
            const auto step = act();
            if (step == agent_step::leave) {
                return exit_code();
            }
            if (step == agent_step::wait || step == agent_step::clear) {
                wait(step == agent_step::clear);
            }
        }
    }

  private:
    void begin() {
        if (const auto holder = hold_.holder()) {
            wants_running_ = false;
            note_ = fmt::format("not started: it is held by '{}'", *holder);
            say(fmt::format(
                "PostgreSQL is not started: it is held by '{}' ({})", *holder,
                hold_.file().native()));
        }
    }

    agent_step act() {
        const auto step = next_agent_step(
            {.leaving = leaving_,
             .server_runs = server_.runs(),
             .others_run = server_.others_run(),
             .wants_running = wants_running_,
             .ended_by_itself = server_.ended_by_itself() || cannot_start_,
             .is_held = hold_.holder().has_value()});
        switch (step) {
        case agent_step::start:
            start();
            break;
        case agent_step::stay:
            wants_running_ = false;
            cannot_start_ = false;
            say("PostgreSQL is held, so it stays stopped");
            break;
        case agent_step::clear:
            server_.clear_rest();
            break;
        case agent_step::wait:
        case agent_step::leave:
            break;
        }
        return step;
    }

    void start() {
        if (const auto started = server_.start(); !started) {
            say(started.error());
            note_ = started.error().detail;
            cannot_start_ = true;
        }
    }

    void wait(bool again_soon) {
        std::vector<pollfd> fds{{signals_, POLLIN, 0}};
        socket_.add_to(fds);
        const auto until = std::min(
            socket_.next_deadline(),
            clock::now() + (again_soon ? clock::duration{look_again} : 1h));
        const auto time = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now());
        ::poll(fds.data(), fds.size(), static_cast<int>(std::max<std::int64_t>(0, time.count())));
        take_signals();
        if (server_.reap()) {
            note_ = how_it_ended(server_.last_status().value_or(0));
            say(fmt::format("PostgreSQL {}", note_));
        }
        socket_.serve([this](std::string_view line) { return answer(line); });
    }

    void take_signals() {
        while (const int signal = process::next_signal(signals_)) {
            if (signal == SIGCHLD) {
                continue;
            }
            leaving_ = leaving_ || means_the_end(signal);
            server_.signal(signal == SIGTERM ? options_.term : signal);
        }
    }

    std::string answer(std::string_view line) {
        const auto question = parse_agent_question(line);
        if (!question) {
            return to_line(question.error());
        }
        if (const auto done = obey(*question); !done) {
            return to_line(done.error());
        }
        return to_line(look());
    }

    result<> obey(const agent_question& what) {
        switch (what.verb) {
        case agent_verb::status:
            return {};
        case agent_verb::start:
            return order_start(what.holder);
        case agent_verb::stop:
            say(fmt::format(
                "told to stop PostgreSQL ({})",
                what.mode == stop_mode::fast ? "fast" : "immediate"));
            wants_running_ = false;
            server_.stop(what.mode);
            return {};
        case agent_verb::hold:
            return hold_.take(what.holder);
        case agent_verb::release:
            return hold_.release(what.holder);
        }
        return {};
    }

    result<> order_start(const std::string& holder) {
        if (auto may = hold_.may_start(holder); !may) {
            return may;
        }
        if (leaving_) {
            return failure{errc::conflict, "the agent is ending", "try again when it is back"};
        }
        if (!wants_running_) {
            say("told to start PostgreSQL");
            wants_running_ = true;
            cannot_start_ = false;
            server_.forget_end();
        }
        return {};
    }

    [[nodiscard]] agent_answer look() const {
        agent_answer now{.state = server_.state(), .pid = server_.pid(), .note = note_};
        const bool is_to_come = wants_running_ && (!server_.runs() || server_.is_stopping());
        if (is_to_come) {
            now.state = run_state::starting;
        } else if (!server_.runs() && server_.others_run()) {
            now.state = run_state::running; // not gone before the last of it is
        }
        now.holder = hold_.holder().value_or("");
        now.titles = server_.titles();
        return now;
    }

    [[nodiscard]] int exit_code() const {
        if (cannot_start_) {
            return no_such_command;
        }
        return server_.last_status() ? exit_code_of(*server_.last_status()) : 0;
    }

    const agent_options& options_;
    agent_hold hold_;
    agent_socket socket_;
    unique_fd lock_;
    int signals_;
    agent_child server_;
    bool wants_running_ = true;
    bool leaving_ = false;
    bool cannot_start_ = false; ///< as one that ended at once
    std::string note_ = {};
};

} // namespace

int run_agent(const agent_options& options) {
    // Those that we forward, and of children.
    const auto signals = process::open_signals(
        {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGCHLD}, {SIGPIPE, SIGUSR1, SIGUSR2});
    // Not needed by a PID 1, to whom all orphans come.
    if (!signals || ::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) {
        say(system_failure("cannot prepare", errno));
        return cannot_work;
    }
    if (auto folder = make_agent_folder(options.socket); !folder) {
        say(folder.error());
        return cannot_work;
    }
    auto lock = take_lock(options.socket.native() + ".lock", signals.get());
    if (!lock) {
        return cannot_work;
    }
    auto socket = agent_socket::listen(options.socket);
    if (!socket) {
        say(socket.error());
        return cannot_work;
    }
    return agent(options, std::move(*socket), std::move(*lock), signals.get()).run();
}

} // namespace restpoint::postgres
