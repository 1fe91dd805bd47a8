// How far a running job is, from its log.
#include "base/log.hpp"
#include "jobs/runs.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace asio = boost::asio;

namespace restpoint::jobs {

namespace {

/// What `said` tells of the backup that runs now. An answer from before its start tells of another.
void take_sizes(job& what, const info_answer& said) {
    if (said.stale || said.taken < what.started.value_or(wall_time::max())) {
        return;
    }
    const auto of_ours =
        std::ranges::find(said.stanzas, what.spec.stanza, &backrest::stanza_info::name);
    if (of_ours != said.stanzas.end() && of_ours->running_size && of_ours->running_completed) {
        backrest::merge_sizes(what.progress, *of_ours->running_completed, *of_ours->running_size);
    }
}

/// "step NAME: …", as the child of our own work begins each of its steps, is the job's phase.
void take_step(job& what, const backrest::log_line& line) {
    constexpr std::string_view word = "step ";
    if (!is_own_work(what.spec.kind) || line.process != backrest::own_process ||
        !line.text.starts_with(word)) {
        return;
    }
    const auto name = line.text.substr(word.size());
    what.progress.phase = name.substr(0, name.find(':'));
}

} // namespace

asio::awaitable<void> service::state::follow_progress(std::shared_ptr<run> r) {
    try {
        co_await read_progress(r);
        co_return;
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) {
            throw;
        }
        log::warn(
            "a job's log cannot be read, so its progress is not known",
            {{"job", r->what.id}, {"error", e.code().message()}});
    }
}

asio::awaitable<void> service::state::read_progress(std::shared_ptr<run> r) {
    auto reader = logs.open(r->what.id, {}, 0, follow::yes);
    if (!reader) {
        co_return;
    }
    std::string partial;
    while (!is_final(r->what.state)) {
        const auto piece = co_await (*reader)->peek();
        // Final meanwhile: its figures come from the report now.
        if (piece.bytes.empty() || is_final(r->what.state)) {
            co_return;
        }
        auto bytes = piece.bytes;
        for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
            partial.append(bytes.substr(0, end));
            const auto line = backrest::parse_log_line(partial);
            backrest::advance(r->what.progress, line);
            take_step(r->what, line);
            ++r->what.log_lines;
            partial.clear();
            bytes.remove_prefix(end + 1);
        }
        // No line that tells of progress is this long.
        if (partial.size() + bytes.size() <= (std::size_t{64} << 10U)) {
            partial.append(bytes);
        }
        r->what.log_bytes += piece.bytes.size();
        (*reader)->consume(piece.bytes.size());
    }
}

asio::awaitable<void> service::state::follow_sizes(std::shared_ptr<run> r) {
    using std::chrono::steady_clock;
    for (;;) {
        const auto next = steady_clock::now() + options.ask_sizes_every;
        while (!is_final(r->what.state) && steady_clock::now() < next) {
            co_await r->changed.heard(next);
        }
        if (is_final(r->what.state)) {
            co_return;
        }
        if (!features.running_sizes_in_info) {
            continue;
        }
        const auto said = co_await options.info();
        if (said && !is_final(r->what.state)) {
            take_sizes(r->what, **said);
        }
    }
}

} // namespace restpoint::jobs
