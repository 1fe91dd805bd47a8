#include "jobs/store.hpp"

#include "base/file.hpp"
#include "jobs/job_row.hpp"
#include "jobs/key_queries.hpp"
#include "jobs/store_queries.hpp"
#include "jobs/store_schema.hpp"
#include "jobs/store_state.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <future>
#include <system_error>

namespace asio = boost::asio;

namespace restpoint::jobs {

namespace {

/// Writes, closes, opens anew and reads: what does not survive that is no place for jobs.
result<std::unique_ptr<database>> open_proven(const std::filesystem::path& file, wall_time now) {
    {
        auto first = database::open(file);
        if (!first) {
            return first.error();
        }
        if (auto upgraded = upgrade(**first, file); !upgraded) {
            return upgraded.error();
        }
        if (auto written = write_opening(**first, now); !written) {
            return written.error();
        }
    }
    auto second = database::open(file);
    if (!second) {
        return second;
    }
    const auto read = read_opening(**second);
    if (!read) {
        return read.error();
    }
    if (!*read || to_microseconds(**read) != to_microseconds(now)) {
        return failure{
            errc::unusable_state,
            fmt::format("'{}' gives back something else than was written", file.native()),
            "look at the disk of the state directory"};
    }
    return second;
}

/// The highest id that a file in the jobs folder bears: a store that was moved aside or damaged
/// must not give the id, and with it the log, of an earlier job to a new one.
job_id highest_on_disk(const std::filesystem::path& jobs_folder) {
    job_id highest = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(jobs_folder, ignored)) {
        const auto name = entry.path().filename().string();
        job_id id = 0;
        const auto parsed = std::from_chars(name.data(), name.data() + name.size(), id);
        if (parsed.ec == std::errc{} && *parsed.ptr == '.') {
            highest = std::max(highest, id);
        }
    }
    return highest;
}

} // namespace

store::store(std::unique_ptr<state> s) : state_(std::move(s)) {}

store::~store() = default;

result<std::unique_ptr<store>> store::open(const std::filesystem::path& folder) {
    const auto file = folder / "restpoint.db";
    auto rows = open_proven(file, std::chrono::system_clock::now());
    if (!rows) {
        return rows.error();
    }
    disk_reserve reserve{folder / "restpoint.reserve"};
    if (auto made = reserve.make(); !made) {
        return made.error();
    }
    // The names of the files that were made are to survive a power cut, too.
    if (auto synced = sync_folder(folder); !synced) {
        return failure{errc::unusable_state, synced.error().detail, synced.error().hint};
    }
    if (auto raised = raise_job_ids(**rows, highest_on_disk(folder / "jobs")); !raised) {
        return raised.error();
    }
    return std::unique_ptr<store>(
        new store(std::make_unique<state>(std::move(*rows), std::move(reserve), file)));
}

result<std::vector<job>> store::unfinished() {
    const auto reading = std::make_shared<std::packaged_task<result<std::vector<job>>()>>(
        [s = state_.get()] { return unfinished_jobs(*s->rows); });
    std::function<void()> operation = [reading] { (*reading)(); };
    if (!state_->queue.push(operation, admission::always)) {
        return too_many_waiting();
    }
    return reading->get_future().get();
}

asio::awaitable<result<job_id>> store::insert(job what, std::optional<request_key> key) {
    std::function<result<job_id>()> operation = [s = state_.get(), what = std::move(what),
                                                 key = std::move(key)] {
        if (auto there = s->still_there(); !there) {
            return result<job_id>{there.error()};
        }
        auto id = key ? insert_keyed(*s->rows, what, *key) : insert_job(*s->rows, what);
        if (id) {
            s->reserve.restore();
        }
        return id;
    };
    return state_->perform(admission::bounded, std::move(operation), effect::change);
}

asio::awaitable<result<>> store::check() {
    std::function<result<>()> operation = [s = state_.get()]() -> result<> {
        if (auto there = s->still_there(); !there) {
            return there;
        }
        if (::access(s->file.c_str(), R_OK | W_OK) != 0) {
            const auto why = errno;
            return failure{
                errc::unusable_state,
                fmt::format(
                    "'{}' cannot be written: {}", s->file.native(),
                    std::generic_category().message(why)),
                "look at the disk and the owner of the state directory"};
        }
        s->reserve.restore();
        std::error_code unknown;
        const auto room = std::filesystem::space(s->file.parent_path(), unknown);
        if (!s->reserve.is_there() || (!unknown && room.available < disk_reserve::size)) {
            return failure{
                errc::unusable_state,
                fmt::format("the disk of '{}' is full", s->file.parent_path().native()),
                "make room: no new job is taken on, those that run come to their end"};
        }
        return {};
    };
    return state_->perform(admission::bounded, std::move(operation));
}

asio::awaitable<result<std::optional<keyed_job>>> store::find_keyed(
    request_key key, wall_time since) {
    std::function<result<std::optional<keyed_job>>()> operation = [s = state_.get(),
                                                                   key = std::move(key), since] {
        return jobs::find_keyed(*s->rows, key, since);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

asio::awaitable<result<>> store::update(job what) {
    std::function<result<>()> operation = [s = state_.get(), what = std::move(what)] {
        return s->write_surely([&what](database& rows) { return update_job(rows, what); });
    };
    return state_->perform(admission::always, std::move(operation), effect::change);
}

asio::awaitable<result<std::optional<job>>> store::find(job_id id) {
    const auto kept = state_->finals; // the store may go while we wait
    if (const auto* const known = kept->find(id)) {
        co_return *known;
    }
    const auto removals = kept->removals();
    std::function<result<std::optional<job>>()> operation = [s = state_.get(), id] {
        return find_job(*s->rows, id);
    };
    auto found = co_await state_->perform(admission::bounded, std::move(operation));
    if (found && *found) {
        kept->put(**found, removals);
    }
    co_return found;
}

asio::awaitable<result<std::vector<job>>> store::list(job_filter filter) {
    std::function<result<std::vector<job>>()> operation =
        [s = state_.get(), filter = std::move(filter)] { return list_jobs(*s->rows, filter); };
    return state_->perform(admission::bounded, std::move(operation));
}

std::uint64_t store::revision() const {
    return state_->revision;
}

asio::awaitable<result<job_id>> store::last_id() {
    std::function<result<job_id>()> operation = [s = state_.get()] {
        return last_job_id(*s->rows);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

asio::awaitable<result<>> store::audit(audit_entry entry) {
    std::function<result<>()> operation = [s = state_.get(), entry = std::move(entry),
                                           now = std::chrono::system_clock::now()] {
        return insert_audit(*s->rows, entry, now);
    };
    return state_->perform(admission::bounded, std::move(operation));
}

} // namespace restpoint::jobs
