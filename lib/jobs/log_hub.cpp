#include "jobs/log_hub.hpp"

#include "jobs/log_follower.hpp"
#include "process/job_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace asio = boost::asio;

namespace restpoint::jobs {

namespace {

// Below, the level of a line could not be told from its part of a stretch; above, a stretch would
// take longer than a turn of the loop should.
constexpr std::size_t smallest_stretch = 2048;
constexpr std::size_t largest_stretch = 1U << 20U;

} // namespace

struct log_hub::state : std::enable_shared_from_this<log_hub::state> {
    state(asio::any_io_executor executor, std::filesystem::path jobs_folder, log_hub_options how)
        : folder(std::move(jobs_folder)), options(how) {
        with.executor = executor;
        with.wakeups = std::make_shared<log_wakeups>(
            executor, log_wakeups::options{how.coalesce, how.poll, how.notice});
        with.stretches = std::make_shared<stretch_source>(executor, how);
        with.stretch_bytes = std::clamp(how.stretch_bytes, smallest_stretch, largest_stretch);
    }

    [[nodiscard]] std::filesystem::path path_of(job_id id) const {
        return process::files_of(folder, std::to_string(id)).log;
    }

    [[nodiscard]] std::shared_ptr<followed_log> opened(job_id id) const {
        const auto found = logs.find(id);
        return found == logs.end() ? nullptr : found->second.log;
    }

    result<std::shared_ptr<followed_log>> open(job_id id);
    std::shared_ptr<void> take_seat(const std::shared_ptr<followed_log>& log);
    void leave_seat(job_id id);

    struct shared_log {
        std::shared_ptr<followed_log> log = {};
        std::size_t readers = 0;
    };

    std::filesystem::path folder;
    log_hub_options options;
    log_services with;
    std::map<job_id, shared_log> logs;
    std::size_t readers = 0;
};

result<std::shared_ptr<followed_log>> log_hub::state::open(job_id id) {
    if (auto log = opened(id)) {
        if (log->file->removed()) {
            return failure{errc::gone, fmt::format("the log of job {} was removed", id)};
        }
        return log;
    }
    auto file = log_file::open(path_of(id));
    if (!file) {
        return file.error();
    }
    auto log = std::make_shared<followed_log>();
    log->id = id;
    log->file = std::move(*file);
    return log;
}

std::shared_ptr<void> log_hub::state::take_seat(const std::shared_ptr<followed_log>& log) {
    auto& shared = logs[log->id];
    shared.log = log;
    ++shared.readers;
    ++readers;
    auto leave = [self = shared_from_this(), id = log->id](void*) { self->leave_seat(id); };
    return {this, std::move(leave)};
}

void log_hub::state::leave_seat(job_id id) {
    --readers;
    const auto place = logs.find(id);
    if (--place->second.readers > 0) {
        return;
    }
    if (const auto& bell = place->second.log->bell) {
        with.wakeups->forget(bell);
    }
    logs.erase(place);
}

log_hub::log_hub(
    asio::any_io_executor executor, std::filesystem::path jobs_folder, log_hub_options options)
    : state_(std::make_shared<state>(std::move(executor), std::move(jobs_folder), options)) {}

log_hub::~log_hub() {
    stop();
    state_->with.stretches->join();
}

result<std::unique_ptr<log_reader>> log_hub::open(
    job_id id, view how, std::uint64_t from, follow mode) {
    const auto& with = state_->with;
    if (with.wakeups->stopped()) {
        return failure{
            errc::unavailable, fmt::format("the log of job {} is not read any more", id),
            "the service is stopping"};
    }
    if (state_->readers >= state_->options.max_readers) {
        return failure{
            errc::unavailable, fmt::format("{} readers of logs are connected", state_->readers),
            "try again later, or close some of the pages that follow a log"};
    }
    auto opened = state_->open(id);
    if (!opened) {
        return opened.error();
    }
    const auto& log = *opened;
    std::optional<std::uint64_t> end;
    if (mode == follow::no) {
        end = log->file->size();
    } else if (!log->bell && !log->final_size) {
        log->bell = with.wakeups->follow(state_->path_of(id), log->file);
    }
    return std::unique_ptr<log_reader>(
        std::make_unique<log_follower>(with, log, how, from, end, state_->take_seat(log)));
}

result<std::uint64_t> log_hub::size(job_id id) const {
    if (const auto log = state_->opened(id); log && !log->file->removed()) {
        return log->file->size();
    }
    return size_of_log(state_->path_of(id));
}

asio::awaitable<result<bool>> log_hub::is_line_start(job_id id, std::uint64_t offset) {
    const auto log = state_->open(id);
    if (!log) {
        co_return log.error();
    }
    const auto& file = *(*log)->file;
    if (offset == 0 || offset > file.size()) {
        co_return offset == 0;
    }
    std::array<char, 1> before{};
    const auto seen = file.read(offset - 1, before, reading::only_warm);
    if (seen) {
        co_return *seen == 1 && before.front() == '\n';
    }
    // Not in memory, perhaps: readers know who may wait for a disk.
    auto reader = open(id, view{}, offset - 1, follow::no);
    if (!reader) {
        co_return reader.error();
    }
    const auto found = co_await (*reader)->peek();
    co_return found.bytes.starts_with('\n');
}

void log_hub::finish(job_id id) {
    const auto log = state_->opened(id);
    if (!log || log->final_size) {
        return;
    }
    log->final_size = log->file->size();
    if (log->bell) {
        state_->with.wakeups->ring(*log->bell);
    }
}

void log_hub::forget(job_id id) {
    state_->with.stretches->forget(id);
}

void log_hub::stop() {
    state_->with.wakeups->stop();
    state_->with.stretches->stop();
}

std::size_t log_hub::readers() const {
    return state_->readers;
}

log_hub_statistics log_hub::statistics() const {
    log_hub_statistics now;
    state_->with.stretches->count(now);
    now.readers = state_->readers;
    now.open_logs = state_->logs.size();
    now.wake_ups = state_->with.wakeups->rings();
    return now;
}

} // namespace restpoint::jobs
