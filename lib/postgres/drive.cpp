#include "postgres/drive.hpp"

#include <algorithm>

namespace restpoint::postgres {

namespace {

using clock = std::chrono::steady_clock;

std::chrono::milliseconds since(clock::time_point begin) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin);
}

/// In two parts, so that whoever reads the log learns early what a stop waits for.
result<> stop(control& server, stop_mode mode, const drive_options& how) {
    const auto begin = clock::now();
    const auto early = server.stop(mode, begin + std::min(how.explain_after, how.stop_deadline));
    if (early || early.error().code != errc::timed_out || how.explain_after >= how.stop_deadline) {
        return early;
    }
    how.warn(early.error());
    return server.stop(mode, begin + how.stop_deadline);
}

} // namespace

result<drive_report> drive(control& server, const server_order& what, const drive_options& how) {
    drive_report done;
    if (what.what != server_errand::start) {
        how.say_step(
            "stop", what.mode == stop_mode::fast ? "a fast shutdown of PostgreSQL"
                                                 : "an immediate shutdown of PostgreSQL");
        const auto begin = clock::now();
        if (auto stopped = stop(server, what.mode, how); !stopped) {
            return stopped.error();
        }
        done.stop_took = since(begin);
    }
    if (what.what != server_errand::stop) {
        how.say_step("start", "PostgreSQL is started");
        const auto begin = clock::now();
        if (auto started = server.start(begin + how.start_deadline); !started) {
            return started.error();
        }
        done.start_took = since(begin);
    }
    done.state = what.what == server_errand::stop ? run_state::stopped : run_state::running;
    return done;
}

} // namespace restpoint::postgres
