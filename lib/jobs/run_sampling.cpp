// How far a running backup or verification is between two lines of its log, from what its workers read.
#include "backrest/progress_estimate.hpp"
#include "jobs/data_size.hpp"
#include "jobs/runs.hpp"
#include "jobs/verify_size.hpp"
#include "process/capture.hpp"
#include "process/io_counters.hpp"

namespace asio = boost::asio;

namespace restpoint::jobs {

namespace {

using std::chrono::steady_clock;

/// Where the cluster is that these copy, as their open files show.
std::optional<std::filesystem::path> cluster_of(const std::vector<pid_t>& workers) {
    for (const auto pid : workers) {
        for (const auto& file : process::open_files_of(pid)) {
            auto root = data_directory_of(file);
            std::error_code ignored;
            if (root && std::filesystem::exists(*root / "PG_VERSION", ignored)) {
                return root;
            }
        }
    }
    return std::nullopt;
}

} // namespace

asio::awaitable<void> service::state::measure_data(
    std::shared_ptr<run> r, std::filesystem::path data_directory) {
    std::int64_t since = 0;
    if (r->what.spec.type != backrest::backup_type::full) {
        if (!options.info) {
            co_return;
        }
        const auto said = co_await options.info();
        if (!said) {
            co_return;
        }
        since = copied_since(r->what.spec, (*said)->stanzas);
    }
    process::spawn_request what;
    what.argv = find_sizes(data_directory, since);
    what.environment = options.environment;
    const auto ran = co_await process::capture(std::move(what), {});
    // Files that came and went meanwhile make it end with 1.
    if (ran && !ran->out.empty()) {
        r->assumed_total = sum_of_sizes(ran->out);
    }
}

asio::awaitable<void> service::state::measure_repo(std::shared_ptr<run> r) {
    const auto info = co_await options.info();
    const auto window = co_await options.window();
    if (info && window) {
        r->assumed_total = bytes_to_verify(r->what.spec, (*info)->stanzas, **window);
    }
}

asio::awaitable<void> service::state::follow_counters(std::shared_ptr<run> r) {
    const bool copies = r->what.spec.kind == job_kind::backup;
    backrest::progress_estimate estimate(copies ? "copy" : "verify");
    process::read_counter counter;
    bool measuring = !copies; // the cluster; a repo is measured elsewhere
    for (;;) {
        const auto next = steady_clock::now() + options.count_reads_every;
        while (!is_final(r->what.state) && steady_clock::now() < next) {
            co_await r->changed.heard(next);
        }
        if (is_final(r->what.state)) {
            co_return;
        }
        const auto leader = process::child_of(files(r->what.id));
        if (!leader) {
            continue; // not begun, or at its end
        }
        const auto workers = process::workers_of(leader->pid);
        if (!measuring) {
            if (auto root = cluster_of(workers)) {
                measuring = true;
                tasks.spawn("data size", [self = shared_from_this(), r, root = std::move(*root)] {
                    return self->measure_data(r, root);
                });
            }
        }
        const backrest::progress_sample seen{
            steady_clock::now(), counter.count(workers), r->assumed_total};
        estimate.take(r->what.progress, seen);
    }
}

} // namespace restpoint::jobs
