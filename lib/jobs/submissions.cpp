// How a job is taken on: by request, or because a schedule says so.
#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "jobs/runs.hpp"

#include <fcntl.h>
#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint::jobs {

namespace {

using outcome_of_submit = boost::system::result<submission, rejection>;
using outcome_of_schedule = boost::system::result<scheduled_answer, rejection>;

/// Holds the submission gate from its making on, and lets go of it however the submission ends.
class gate {
  public:
    gate(bool& busy, bell& changed) : busy_(busy), changed_(changed) { busy_ = true; }
    gate(const gate&) = delete;
    gate& operator=(const gate&) = delete;
    ~gate() {
        busy_ = false;
        changed_.ring();
    }

  private:
    bool& busy_;
    bell& changed_;
};

result<> validate(const job_spec& what) {
    if (auto good = backrest::validate_stanza(what.stanza); !good) {
        return good;
    }
    const auto wanted = to_command(what);
    const auto* backup = std::get_if<backrest::backup>(&wanted);
    return backup == nullptr ? result<>{} : backrest::validate(*backup);
}

rejection shutting_down() {
    return {{errc::unavailable, "restpoint is shutting down", "ask again later"}};
}

rejection too_many(std::size_t unfinished) {
    return {
        {errc::unavailable, fmt::format("{} jobs run or wait already", unfinished),
         "wait until some have ended, or cancel some"}};
}

rejection busy_with(const job& other) {
    return {
        {errc::conflict,
         fmt::format(
             "job {} ({} of stanza '{}', {}) is in the way", other.id, to_string(other.spec.kind),
             other.spec.stanza, to_string(other.state)),
         "wait for it, cancel it, or ask to be queued"},
        other.id};
}

job a_fresh_job(job_spec what, std::string requested_by) {
    job fresh;
    fresh.spec = std::move(what);
    fresh.requested_by = std::move(requested_by);
    fresh.created = std::chrono::system_clock::now();
    return fresh;
}

/// The empty log of a job that has not begun: who asks for it early waits instead of being told
/// that it is gone. A log that is there belongs to another job and is not written into: then the
/// shim says why it cannot begin.
void touch_log(const std::filesystem::path& log) {
    const unique_fd fd{::open(log.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
}

} // namespace

std::shared_ptr<run> service::state::admit(job what) {
    touch_log(files(what.id).log);
    const auto r = std::make_shared<run>(executor, std::move(what));
    runs.emplace(r->what.id, r);
    return r;
}

void service::state::take_on(job fresh) {
    const auto r = admit(std::move(fresh));
    log::info(
        "job accepted", {{"job", r->what.id},
                         {"kind", to_string(r->what.spec.kind)},
                         {"stanza", r->what.spec.stanza},
                         {"requested_by", r->what.requested_by}});
    tasks.spawn("job", [self = shared_from_this(), r] { return self->see_through(r, false); });
}

asio::awaitable<outcome_of_submit> service::submit(
    job_spec what, std::string requested_by, when_busy mode) {
    const auto s = state_;
    if (auto good = validate(what); !good) {
        co_return rejection{good.error()};
    }
    while (s->submitting) {
        co_await s->changed.heard();
    }
    if (s->stopping) {
        co_return shutting_down();
    }
    const gate held{s->submitting, s->changed};

    const auto others = s->unfinished();
    if (mode == when_busy::join) {
        if (const auto* twin = twin_of(others, what)) {
            co_return submission{*twin, true};
        }
    }
    if (mode != when_busy::queue) {
        if (const auto* other = in_the_way(others, what)) {
            co_return busy_with(*other);
        }
    }
    if (others.size() >= s->options.max_unfinished) {
        co_return too_many(others.size());
    }
    auto fresh = a_fresh_job(std::move(what), std::move(requested_by));
    const auto id = co_await s->rows.insert(fresh);
    if (!id) {
        co_return rejection{id.error()};
    }
    fresh.id = *id;
    s->take_on(fresh);
    co_return submission{std::move(fresh), false};
}

asio::awaitable<outcome_of_schedule> service::submit_scheduled(job_spec what, scheduled why) {
    const auto s = state_;
    if (auto good = validate(what); !good) {
        co_return rejection{good.error()};
    }
    while (s->submitting) {
        co_await s->changed.heard();
    }
    if (s->stopping) {
        co_return shutting_down();
    }
    const gate held{s->submitting, s->changed};

    const auto others = s->unfinished();
    if (others.size() >= s->options.max_unfinished) {
        co_return too_many(others.size());
    }
    auto fresh = a_fresh_job(std::move(what), requested_by_schedule(why.schedule));
    schedule_run as;
    as.schedule = std::move(why.schedule);
    as.due = why.due;
    as.late = why.late;
    as.recorded = fresh.created;
    const auto id = co_await s->rows.insert_scheduled(fresh, std::move(as));
    if (!id) {
        co_return rejection{id.error()};
    }
    fresh.id = *id;
    s->take_on(fresh);
    co_return scheduled_answer{run_outcome::started, std::move(fresh)};
}

} // namespace restpoint::jobs
