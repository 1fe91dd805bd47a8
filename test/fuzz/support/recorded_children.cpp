#include "support/recorded_children.hpp"

#include "base/file.hpp"
#include "process/capture.hpp"
#include "process/job_process.hpp"
#include "process/spawn.hpp"
#include "support/fuzz.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <utility>

namespace asio = boost::asio;
using restpoint::result;

namespace {

std::vector<recorded_child> children;

/// The ends of the jobs that run.
std::set<asio::steady_timer*> running;
bool all_end = false;

const std::string& data(const std::string& name) {
    static std::map<std::string, std::string> read;
    auto& text = read[name];
    if (text.empty()) {
        std::ifstream in(RESTPOINT_TEST_DATA "/backrest/" + name, std::ios::binary);
        text.assign(std::istreambuf_iterator<char>(in), {});
        demand(!text.empty(), "the test's data is there", name);
    }
    return text;
}

/// What pgbackrest would have said by its end.
void write_log(const std::filesystem::path& log, const std::vector<std::string>& argv) {
    const auto command = std::ranges::find_if(
        argv.begin() + 1, argv.end(), [](const auto& word) { return !word.starts_with('-'); });
    demand(command != argv.end(), "there is a command");
    const std::string line = "2026-11-22 06:42:35.140 P00   INFO: ";
    std::ofstream(log, std::ios::app)
        << line << *command << " command begin 2.45: --stanza=main\n"
        << "2026-11-22 06:42:35.140 P01 DETAIL: backup file /a/b (8KB, 50.00%) checksum c7a0\n"
        << line << "new backup label = 20261122-064235F\n"
        << line << *command << " command end: completed successfully (12ms)\n";
}

} // namespace

std::vector<recorded_child> take_children() {
    return std::exchange(children, {});
}

void end_jobs() {
    all_end = true;
    for (auto* const end : std::exchange(running, {})) {
        end->cancel();
    }
}

void let_jobs_run() {
    all_end = false;
}

namespace restpoint::process {

result<pid_t> spawn(const spawn_request&) {
    demand(false, "whoever starts children is stood in for");
    return failure{errc::io, "no children here"};
}

/// `info` and the listings of the archive, as pgBackRest 2.45 gave them.
asio::awaitable<result<captured>> capture(spawn_request what, capture_limits) {
    const auto has = [&what](std::string_view word) {
        return std::ranges::find(what.argv, word) != what.argv.end();
    };
    children.push_back({what.argv, what.environment});
    captured told;
    told.exit_code = 0;
    if (has("info") && has("--output=json")) {
        told.out = data("info-full-diff-incr.json");
    } else if (has("info")) {
        told.out = "stanza: main\n    status: ok\n";
    } else if (has("repo-ls")) {
        told.out = data("repo-ls-16mb.json");
    } else {
        told.exit_code = 55;
        told.err = "ERROR: [055]: unable to open missing file in the repo\n";
    }
    co_return told;
}

struct job_process::state {
    state(asio::any_io_executor executor, job_files where)
        : files(std::move(where)), end(std::move(executor), asio::steady_timer::time_point::max()) {
        running.insert(&end);
    }
    ~state() { running.erase(&end); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    [[nodiscard]] bool over() { return all_end || stopped || !running.contains(&end); }

    job_files files;
    asio::steady_timer end;
    identity self{::getpid(), 1, "boot"};
    bool stopped = false;
};

result<std::unique_ptr<job_process>> job_process::launch(
    asio::any_io_executor executor, const shim_launch& how) {
    children.push_back({how.shim.argv, how.environment});
    demand(
        how.shim.id.find_first_not_of("0123456789") == how.shim.id.npos, "an id is a number",
        how.shim.id);
    const auto files = files_of(how.shim.folder, how.shim.id);
    write_log(files.log, how.shim.argv);
    return std::unique_ptr<job_process>(
        new job_process(std::make_shared<state>(std::move(executor), files)));
}

std::unique_ptr<job_process> job_process::adopt(
    asio::any_io_executor executor, const identity&, const job_files& files) {
    return std::unique_ptr<job_process>(
        new job_process(std::make_shared<state>(std::move(executor), files)));
}

job_process::job_process(std::shared_ptr<state> s) : state_(std::move(s)) {}
job_process::~job_process() = default;

const identity& job_process::shim() const {
    return state_->self;
}

void job_process::give_word() {}

asio::awaitable<result<std::optional<exit_report>>> job_process::wait(std::chrono::milliseconds) {
    const auto followed = state_; // the object may go while we wait
    while (!followed->over()) {
        boost::system::error_code woken;
        co_await followed->end.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (cancelled.cancelled() != asio::cancellation_type::none) {
            throw boost::system::system_error(asio::error::operation_aborted);
        }
    }
    exit_report report;
    report.started = true;
    report.exit_code = followed->stopped ? 63 : 0;
    report.finished_at = "2026-11-22T06:42:36Z";
    report.lines = 2;
    co_return std::optional(report);
}

std::optional<int> job_process::shim_exit() const {
    return std::nullopt;
}

void job_process::terminate() {
    state_->stopped = true;
    state_->end.cancel();
}

void job_process::kill() {
    terminate();
}

} // namespace restpoint::process
