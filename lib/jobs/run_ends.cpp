// How a run comes to its end: by itself, stopped, or failed by us.
#include "base/log.hpp"
#include "jobs/runs.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <filesystem>

namespace asio = boost::asio;

namespace restpoint::jobs {

using std::chrono::steady_clock;

/// A defect of ours, or a system out of descriptors or memory: the job must neither block its
/// stanza nor run on unseen.
asio::awaitable<void> service::state::fail(std::shared_ptr<run> r, std::string defect) {
    log::error("a job cannot be followed any more", {{"job", r->what.id}, {"error", defect}});
    const auto begun = steady_clock::now();
    const auto where = files(r->what.id);
    while (process::tree_is_alive(where)) {
        const bool patient = steady_clock::now() - begun < options.stop_grace;
        process::signal_tree(where, patient ? SIGTERM : SIGKILL);
        asio::steady_timer pause(executor, std::chrono::milliseconds{500});
        co_await pause.async_wait(asio::use_awaitable);
    }
    r->what.state = job_state::failed;
    r->what.error = backrest::command_error{
        .name = "internal",
        .message = "restpoint could not follow the command and stopped it: " + defect,
        .hint = "look into restpoint's log; look in info whether a backup set was made"};
    co_await finish(r);
}

asio::awaitable<void> service::state::finish(std::shared_ptr<run> r) {
    for (const auto& call : ending_calls) {
        call();
    }
    if (!r->what.finished) {
        r->what.finished = std::chrono::system_clock::now();
    }
    if (const auto size = logs.size(r->what.id)) {
        r->what.log_bytes = *size;
    }
    r->process.reset();
    logs.finish(r->what.id);
    co_await write_last_row(r);
    let_go(r);
}

asio::awaitable<void> service::state::write_last_row(std::shared_ptr<run> r) {
    bool complained = false;
    for (;;) {
        const auto written = co_await rows.update(r->what);
        if (written) {
            co_return;
        }
        // Somebody changed the row under us: trying on would not mend it.
        if (written.error().code == errc::conflict || written.error().code == errc::not_found) {
            log::error(
                "a finished job's row does not take its end", {{"job", r->what.id},
                                                               {"state", to_string(r->what.state)},
                                                               {"error", written.error().detail}});
            co_return;
        }
        if (!complained) {
            log::error(
                "a finished job's row cannot be written; trying on until it can",
                {{"job", r->what.id}, {"error", written.error().detail}});
            complained = true;
        }
        r->changed.ring();
        changed.ring();
        asio::steady_timer pause(executor, std::chrono::seconds{1});
        co_await pause.async_wait(asio::use_awaitable);
    }
}

void service::state::let_go(const std::shared_ptr<run>& r) {
    logs.finish(r->what.id);
    // Only now: until the row stood, these files were the only witness.
    std::error_code ignored;
    std::filesystem::remove(files(r->what.id).exit, ignored);
    std::filesystem::remove(files(r->what.id).lock, ignored);
    runs.erase(r->what.id);
    const bool bad = r->what.state == job_state::failed || r->what.state == job_state::interrupted;
    log::write(
        bad ? log::level::error : log::level::info, "job ended",
        {{"job", r->what.id},
         {"kind", to_string(r->what.spec.kind)},
         {"stanza", r->what.spec.stanza},
         {"state", to_string(r->what.state)},
         {"requested_by", r->what.requested_by},
         {"error", r->what.error ? r->what.error->message : std::string()}});
    for (const auto& call : finished_calls) {
        call(r->what);
    }
    r->changed.ring();
    changed.ring();
}

void service::state::stop(
    const std::shared_ptr<run>& r, stop_reason why, std::chrono::milliseconds grace) {
    r->stopped = why;
    r->grace = grace;
    tasks.spawn("stop job", [self = shared_from_this(), r] { return self->climb_down(r); });
}

asio::awaitable<void> service::state::climb_down(std::shared_ptr<run> r) {
    const auto begun = steady_clock::now();
    process::stop_state now{.term_sent = false};
    std::optional<steady_clock::time_point> killed;
    const int attempt = r->attempts;
    while (r->process && r->attempts == attempt) {
        const auto moment = steady_clock::now();
        using std::chrono::duration_cast;
        using std::chrono::milliseconds;
        now.since_term = duration_cast<milliseconds>(moment - begun);
        now.since_kill = killed ? duration_cast<milliseconds>(moment - *killed) : milliseconds{-1};
        switch (process::next_stop_step(now, r->grace)) {
        case process::stop_step::terminate:
            r->process->terminate();
            now.term_sent = true;
            break;
        case process::stop_step::kill:
            if (!killed) {
                log::warn(
                    "a job did not end within the grace time and is killed", {{"job", r->what.id}});
                r->process->kill();
            } else {
                // The shim is stopped or hung, or somebody escaped it: past it then, itself
                // included.
                process::signal_tree(files(r->what.id), SIGKILL);
            }
            killed = moment;
            break;
        case process::stop_step::wait:
            co_await r->changed.heard(moment + milliseconds{200});
            break;
        case process::stop_step::done:
            co_return;
        }
    }
}

} // namespace restpoint::jobs
