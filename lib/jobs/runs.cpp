#include "jobs/runs.hpp"

#include "base/file.hpp"
#include "base/log.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <filesystem>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::jobs {

using std::chrono::steady_clock;

namespace {

/// Between the tries of work that is broken off again and again: the longer, the more there were.
constexpr std::chrono::milliseconds pause_step{200};
constexpr std::chrono::milliseconds longest_pause{30000};

} // namespace

std::vector<job> service::state::unfinished() const {
    std::vector<job> found;
    for (const auto& [id, r] : runs) {
        if (!is_final(r->what.state)) {
            found.push_back(r->what);
        }
    }
    return found;
}

process::job_files service::state::files(job_id id) const {
    return process::files_of(options.jobs_folder, std::to_string(id));
}

void service::state::sweep_leftovers() const {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(options.jobs_folder, ignored)) {
        const auto& path = entry.path();
        if (path.extension() == ".log") {
            continue;
        }
        job_id id = 0;
        // ID.exit, ID.lock, and the ID.exit.tmp of a shim that was killed.
        const auto name = path.filename().string();
        const auto stem = name.substr(0, name.find('.'));
        const auto parsed = std::from_chars(stem.data(), stem.data() + stem.size(), id);
        const bool ours = parsed.ec == std::errc{} && parsed.ptr == stem.data() + stem.size();
        if (!ours || runs.contains(id)) {
            continue;
        }
        if (!process::tree_is_alive(files(id))) {
            std::filesystem::remove(path, ignored);
        } else if (path.extension() == ".lock") {
            log::error(
                "processes run under a job that the store does not know; they are left alone",
                {{"job", id}, {"lock", path.native()}});
        }
    }
}

std::vector<job> service::state::waiting() const {
    std::vector<job> found;
    for (const auto& [id, r] : runs) {
        if (r->what.state == job_state::queued && !r->begun && r->stopped == stop_reason::none) {
            found.push_back(r->what);
        }
    }
    return found;
}

asio::awaitable<bool> service::state::wait_for_turn(std::shared_ptr<run> r) {
    for (;;) {
        if (!r->held) {
            if (is_final(r->what.state) || r->stopped != stop_reason::none) {
                co_return false;
            }
            const auto others = unfinished();
            // What waits when restpoint stops goes on waiting, and is started by the next one.
            if (!stopping && ahead_of(others, r->what) == nullptr) {
                r->begun = true;
                co_return true;
            }
        }
        co_await changed.heard();
    }
}

result<std::vector<std::string>> service::state::argv_of(const job& what) const {
    if (is_own_work(what.spec.kind)) {
        if (!options.own.argv) {
            return failure{
                errc::not_implemented,
                fmt::format("nobody here does the work of a {} job", to_string(what.spec.kind))};
        }
        return options.own.argv(what);
    }
    auto invocation = options.invocation;
    invocation.stanza = what.spec.stanza;
    auto command = to_command(what.spec);
    const auto held = options.expiry_held ? options.expiry_held() : std::string();
    if (!held.empty() && what.spec.kind == job_kind::expire && !what.spec.dry_run) {
        return failure{errc::conflict, held, "forget that restore first: restpoint forget"};
    }
    if (auto* const backup = std::get_if<backrest::backup>(&command)) {
        backup->expires = held.empty();
        backup->excludes = options.left_out ? options.left_out() : std::vector<std::string>();
    }
    return backrest::to_argv(invocation, command);
}

asio::awaitable<result<>> service::state::start(std::shared_ptr<run> r) {
    const auto id = r->what.id;
    // A shim that an earlier restpoint never gave the word may still be on its way out.
    while (process::tree_is_alive(files(id))) {
        asio::steady_timer soon(executor, std::chrono::milliseconds{20});
        co_await soon.async_wait(asio::use_awaitable);
    }
    std::error_code ignored;
    std::filesystem::remove(files(id).exit, ignored);

    auto argv = argv_of(r->what);
    if (!argv) {
        co_return argv.error();
    }
    process::shim_launch how;
    how.program = options.program;
    how.shim.folder = options.jobs_folder;
    how.shim.id = std::to_string(id);
    how.shim.argv = std::move(*argv);
    how.environment =
        is_own_work(r->what.spec.kind) ? options.own.environment : options.environment;
    auto launched = process::job_process::launch(executor, how);
    if (!launched) {
        co_return launched.error();
    }
    r->process = std::move(*launched);

    auto running = r->what;
    running.state = job_state::running;
    running.started = r->what.started.value_or(std::chrono::system_clock::now());
    running.shim = r->process->shim();
    const auto committed = co_await rows.update(running);
    if (!committed) {
        co_return committed.error();
    }
    running.cancel_requested = r->what.cancel_requested;
    r->what = std::move(running);
    // Cancelled while the row was written: without the word the shim ends by itself and nothing is
    // run. Work of our own that is open goes back by itself once it is told so.
    if (r->stopped == stop_reason::none || r->attempts > 0) {
        r->process->give_word();
    } else {
        r->process->terminate();
    }
    r->changed.ring();
    co_return result<>{};
}

asio::awaitable<void> service::state::see_through(std::shared_ptr<run> r, bool began) {
    std::string defect;
    try {
        co_await (began ? take_up(r) : perform(r));
        co_return;
    } catch (const std::exception& e) {
        defect = e.what();
    }
    co_await throw_if_cancelled();
    co_await fail(r, std::move(defect));
}

asio::awaitable<void> service::state::perform(std::shared_ptr<run> r) {
    const bool my_turn = co_await wait_for_turn(r);
    if (!my_turn && is_final(r->what.state)) {
        let_go(r); // another took its place, and its last row with it
        co_return;
    }
    if (!my_turn) {
        r->what.state =
            r->stopped == stop_reason::cancel ? job_state::cancelled : job_state::interrupted;
        co_await finish(r);
        co_return;
    }
    co_await run_child(r);
}

asio::awaitable<void> service::state::run_child(std::shared_ptr<run> r) {
    auto started = co_await start(r);
    while (!started) {
        // What is half done must not be left so because the disk is full just now.
        const bool again = co_await goes_on(r, true);
        if (!again) {
            break;
        }
        started = co_await start(r);
    }
    if (!started) {
        r->process.reset();
        r->what.state = job_state::failed;
        r->what.error = backrest::command_error{
            .name = "not-started", .message = started.error().detail, .hint = started.error().hint};
        co_await finish(r);
        co_return;
    }
    co_await see_to_the_end(r);
}

asio::awaitable<void> service::state::take_up(std::shared_ptr<run> r) {
    r->process = process::job_process::adopt(executor, *r->what.shim, files(r->what.id));
    if (r->what.cancel_requested) {
        stop(r, stop_reason::cancel, options.stop_grace);
    }
    follow(r);
    const auto how = co_await end_of(r);
    // Its restpoint died between the row and the word. Who asked was told that it is taken on, and
    // a schedule does not ask again.
    if (how.abandoned && how.stopped == stop_reason::none) {
        const bool waits = co_await line_up_again(r);
        if (waits) {
            co_await perform(r);
            co_return;
        }
    }
    const bool again = co_await goes_on(r, how.end.exit_code.has_value());
    if (again) {
        co_await run_child(r);
        co_return;
    }
    co_await judge(r, how);
}

asio::awaitable<bool> service::state::goes_on(std::shared_ptr<run> r, bool has_told) {
    const auto& own = options.own;
    const bool is_open = own.is_open && own.is_open(r->what);
    const bool is_untold = !has_told && own.is_settled && own.is_settled(r->what);
    if (!is_own_work(r->what.spec.kind) || (!is_open && !is_untold)) {
        co_return false;
    }
    ++r->attempts; // which ends the ladder that may have stopped the child
    r->process.reset();
    if (stopping) {
        log::info("the next restpoint takes up the work of a job", {{"job", r->what.id}});
        for (;;) {
            co_await r->changed.heard(); // until this coroutine is cancelled
        }
    }
    log::warn(
        "the work of a job was broken off and is taken up again",
        {{"job", r->what.id}, {"kind", to_string(r->what.spec.kind)}, {"attempts", r->attempts}});
    asio::steady_timer pause(executor, std::min(r->attempts * pause_step, longest_pause));
    co_await pause.async_wait(asio::use_awaitable);
    co_return true;
}

asio::awaitable<bool> service::state::line_up_again(std::shared_ptr<run> r) {
    auto again = r->what;
    again.state = job_state::queued;
    again.started.reset();
    again.finished.reset();
    again.shim.reset();
    again.cpu_seconds = 0;
    const auto written = co_await rows.update(again);
    if (!written) {
        co_return false;
    }
    again.cancel_requested = r->what.cancel_requested;
    r->what = std::move(again);
    r->process.reset();
    log::info("nothing of a job was run yet: it waits for its turn again", {{"job", r->what.id}});
    r->changed.ring();
    changed.ring();
    co_return true;
}

asio::awaitable<void> service::state::see_to_the_end(std::shared_ptr<run> r) {
    follow(r);
    const auto how = co_await end_of(r);
    const bool again = co_await goes_on(r, how.end.exit_code.has_value());
    if (again) {
        co_await run_child(r);
        co_return;
    }
    co_await judge(r, how);
}

void service::state::follow(const std::shared_ptr<run>& r) {
    if (std::exchange(r->followed, true)) {
        return;
    }
    tasks.spawn("progress", [self = shared_from_this(), r] { return self->follow_progress(r); });
    if (r->what.spec.kind == job_kind::backup || r->what.spec.kind == job_kind::verify) {
        tasks.spawn(
            "counters", [self = shared_from_this(), r] { return self->follow_counters(r); });
    }
    if (r->what.spec.kind == job_kind::verify && options.info && options.window) {
        tasks.spawn("repo size", [self = shared_from_this(), r] { return self->measure_repo(r); });
    }
    if (r->what.spec.kind == job_kind::backup && options.info) {
        tasks.spawn("sizes", [self = shared_from_this(), r] { return self->follow_sizes(r); });
    }
}

asio::awaitable<run_end> service::state::end_of(std::shared_ptr<run> r) {
    auto ended = co_await r->process->wait(options.stop_grace);
    run_end how;
    how.stopped = r->stopped;
    if (!ended || !*ended) {
        how.shim_exit = r->process->shim_exit();
        co_return how;
    }
    const auto& report = **ended;
    how.child_was_started = report.started;
    how.start_error = report.error;
    how.program_missing = report.error_code == "not_found";
    how.abandoned = report.error_code == "abandoned";
    how.end = {report.exit_code, report.signal};
    r->what.log_dropped = report.dropped;
    r->what.log_lines = report.lines;
    r->what.cpu_seconds = report.cpu_user + report.cpu_system;
    r->what.finished = parse_rfc3339(report.finished_at);
    co_return how;
}

asio::awaitable<void> service::state::judge(std::shared_ptr<run> r, run_end how) {
    const auto tail = read_tail(files(r->what.id).log, 1U << 20U);
    conclude(r->what, how, tail ? std::string_view(*tail) : std::string_view());
    if (is_own_work(r->what.spec.kind) && options.own.last_words_of) {
        auto said = options.own.last_words_of(r->what);
        r->what.report = std::move(said.report);
        if (said.error && r->what.state != job_state::succeeded) {
            r->what.error = std::move(said.error);
        }
    }
    co_await finish(r);
}

} // namespace restpoint::jobs
