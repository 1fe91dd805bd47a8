#include "jobs/runs.hpp"

#include "base/log.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <charconv>
#include <filesystem>

namespace asio = boost::asio;

namespace restpoint::jobs {

using std::chrono::steady_clock;

bell::bell(asio::any_io_executor executor) : timer_(executor), executor_(std::move(executor)) {
    timer_.expires_at(steady_clock::time_point::max());
}

asio::awaitable<void> bell::heard(steady_clock::time_point until) {
    using namespace asio::experimental::awaitable_operators;
    boost::system::error_code rung;
    auto ringing = timer_.async_wait(asio::redirect_error(asio::use_awaitable, rung));
    if (until == steady_clock::time_point::max()) {
        co_await std::move(ringing);
    } else {
        asio::steady_timer limit(executor_, until);
        boost::system::error_code expired;
        auto expiring = limit.async_wait(asio::redirect_error(asio::use_awaitable, expired));
        co_await (std::move(ringing) || std::move(expiring));
    }
    const auto cancelled = co_await asio::this_coro::cancellation_state;
    if (cancelled.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
}

void bell::ring() {
    timer_.cancel();
}

std::string tail_of(const std::filesystem::path& file, std::size_t limit) {
    const unique_fd fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
    struct stat about{};
    if (!fd || ::fstat(fd.get(), &about) != 0) {
        return {};
    }
    const auto size = static_cast<std::size_t>(about.st_size);
    const auto from = size > limit ? size - limit : 0;
    std::string text(size - from, '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const auto n = ::pread(
            fd.get(), text.data() + have, text.size() - have, static_cast<off_t>(from + have));
        if (n <= 0) {
            break;
        }
        have += static_cast<std::size_t>(n);
    }
    text.resize(have);
    if (from > 0) {
        const auto end_of_first = text.find('\n');
        text.erase(0, end_of_first == text.npos ? text.size() : end_of_first + 1);
    }
    return text;
}

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
        if (ours && !runs.contains(id) && !process::tree_is_alive(files(id))) {
            std::filesystem::remove(path, ignored);
        }
    }
}

asio::awaitable<bool> service::state::wait_for_turn(std::shared_ptr<run> r) {
    for (;;) {
        if (r->stopped != stop_reason::none) {
            co_return false;
        }
        const auto others = unfinished();
        if (ahead_of(others, r->what) == nullptr) {
            co_return true;
        }
        co_await changed.heard();
    }
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

    auto invocation = options.invocation;
    invocation.stanza = r->what.spec.stanza;
    process::shim_launch how;
    how.program = options.program;
    how.shim.folder = options.jobs_folder;
    how.shim.id = std::to_string(id);
    how.shim.argv = backrest::to_argv(invocation, to_command(r->what.spec));
    how.environment = options.environment;
    auto launched = process::job_process::launch(executor, how);
    if (!launched) {
        co_return launched.error();
    }
    r->process = std::move(*launched);

    auto running = r->what;
    running.state = job_state::running;
    running.started = std::chrono::system_clock::now();
    running.shim = r->process->shim();
    const auto committed = co_await rows.update(running);
    if (!committed) {
        co_return committed.error();
    }
    running.cancel_requested = r->what.cancel_requested;
    r->what = std::move(running);
    // Cancelled while the row was written: without the word the shim ends by itself and nothing is
    // run.
    if (r->stopped == stop_reason::none) {
        r->process->give_word();
    } else {
        r->process->terminate();
    }
    r->changed.ring();
    co_return result<>{};
}

asio::awaitable<void> service::state::perform(std::shared_ptr<run> r) {
    const bool my_turn = co_await wait_for_turn(r);
    if (!my_turn) {
        r->what.state =
            r->stopped == stop_reason::cancel ? job_state::cancelled : job_state::interrupted;
        co_await finish(r);
        co_return;
    }
    const auto started = co_await start(r);
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
    co_await see_to_the_end(r);
}

asio::awaitable<void> service::state::see_to_the_end(std::shared_ptr<run> r) {
    tasks.spawn("progress", [self = shared_from_this(), r] { return self->follow_progress(r); });
    auto ended = co_await r->process->wait(options.stop_grace);
    run_end how;
    how.stopped = r->stopped;
    if (!ended || !*ended) {
        how.report_found = false;
    } else {
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
    }
    conclude(r->what, how, tail_of(files(r->what.id).log, 1U << 20U));
    co_await finish(r);
}

asio::awaitable<void> service::state::follow_progress(std::shared_ptr<run> r) {
    auto reader = logs.open(r->what.id, {}, 0, follow::yes);
    if (!reader) {
        co_return;
    }
    std::string partial;
    while (!is_final(r->what.state)) {
        const auto piece = co_await (*reader)->peek();
        if (piece.bytes.empty()) {
            co_return;
        }
        auto bytes = piece.bytes;
        for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
            partial.append(bytes.substr(0, end));
            backrest::advance(r->what.progress, backrest::parse_log_line(partial));
            ++r->what.log_lines;
            partial.clear();
            bytes.remove_prefix(end + 1);
        }
        partial.append(bytes.substr(0, std::min(bytes.size(), std::size_t{64U << 10U})));
        r->what.log_bytes += piece.bytes.size();
        (*reader)->consume(piece.bytes.size());
    }
}

asio::awaitable<void> service::state::finish(std::shared_ptr<run> r) {
    if (!r->what.finished) {
        r->what.finished = std::chrono::system_clock::now();
    }
    if (const auto size = logs.size(r->what.id)) {
        r->what.log_bytes = *size;
    }
    r->process.reset();
    logs.finish(r->what.id);
    bool complained = false;
    for (;;) {
        const auto written = co_await rows.update(r->what);
        if (written) {
            break;
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
    // Only now: until the row stood, these files were the only witness.
    std::error_code ignored;
    std::filesystem::remove(files(r->what.id).exit, ignored);
    std::filesystem::remove(files(r->what.id).lock, ignored);
    r->persisted = true;
    runs.erase(r->what.id);
    log::info(
        "job ended", {{"job", r->what.id},
                      {"kind", to_string(r->what.spec.kind)},
                      {"stanza", r->what.spec.stanza},
                      {"state", to_string(r->what.state)},
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
    while (r->process) {
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
            log::warn(
                "a job did not end within the grace time and is killed", {{"job", r->what.id}});
            r->process->kill();
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
