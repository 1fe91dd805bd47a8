// How a job is taken on: by request, or because a schedule says so.
#include "base/log.hpp"
#include "base/unique_fd.hpp"
#include "jobs/merging.hpp"
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

/// Keeps a job that waits from being begun or given up, as long as it is undecided whether another
/// takes its place.
class hold {
  public:
    hold(std::shared_ptr<run> r, bell& changed) : run_(std::move(r)), changed_(changed) {
        set(true);
    }
    hold(const hold&) = delete;
    hold& operator=(const hold&) = delete;
    ~hold() {
        set(false);
        changed_.ring();
    }

  private:
    void set(bool held) {
        if (run_) {
            run_->held = held;
        }
    }
    std::shared_ptr<run> run_;
    bell& changed_;
};

result<> validate(const job_spec& what) {
    if (auto good = backrest::validate_stanza(what.stanza); !good) {
        return good;
    }
    if (what.repo) {
        if (auto good = backrest::validate_repo(*what.repo); !good) {
            return good;
        }
    }
    if (is_own_work(what.kind)) {
        return {};
    }
    const auto wanted = to_command(what);
    if (const auto* backup = std::get_if<backrest::backup>(&wanted)) {
        return backrest::validate(*backup);
    }
    if (const auto* expire = std::get_if<backrest::expire>(&wanted)) {
        return backrest::validate(*expire);
    }
    const auto* annotate = std::get_if<backrest::annotate>(&wanted);
    return annotate == nullptr ? result<>{} : backrest::validate(*annotate);
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

rejection key_is_taken(const keyed_job& earlier) {
    return {
        {errc::conflict,
         fmt::format(
             "this key came with another request before, which started job {}", earlier.job),
         "a new request needs a new key; repeat the old one byte by byte to find its job"},
        {},
        earlier.job};
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

asio::awaitable<std::optional<outcome_of_submit>> service::state::recognise(request_key key) {
    const auto since = std::chrono::system_clock::now() - request_keys_kept;
    const auto known = co_await rows.find_keyed(key, since);
    if (!known) {
        co_return outcome_of_submit{rejection{known.error()}};
    }
    const auto& earlier = *known;
    if (!earlier) {
        co_return std::nullopt;
    }
    if (earlier->digest != key.digest) {
        co_return outcome_of_submit{key_is_taken(*earlier)};
    }
    if (const auto r = runs.find(earlier->job); r != runs.end()) {
        co_return outcome_of_submit{submission{r->second->what, true}};
    }
    auto row = co_await rows.find(earlier->job);
    if (!row) {
        co_return outcome_of_submit{rejection{row.error()}};
    }
    if (!*row) {
        co_return std::nullopt; // retention took it this moment
    }
    co_return outcome_of_submit{submission{std::move(**row), true}};
}

asio::awaitable<std::optional<outcome_of_submit>> service::recognise(request_key key) {
    const auto s = state_;
    auto known = co_await s->recognise(std::move(key));
    co_return known;
}

asio::awaitable<outcome_of_submit> service::submit(
    job_spec what, std::string requested_by, when_busy mode, std::optional<request_key> key) {
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

    if (key) {
        auto known = co_await s->recognise(*key);
        if (known) {
            co_return std::move(*known);
        }
    }
    const bool removes = what.kind == job_kind::expire && !what.dry_run;
    if (const auto held_back = s->options.expiry_held && removes ? s->options.expiry_held() : "";
        !held_back.empty()) {
        co_return rejection{
            {errc::conflict, held_back, "forget that restore first: restpoint forget"}};
    }
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
    const auto id = co_await s->rows.insert(fresh, std::move(key));
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

    auto fresh = a_fresh_job(std::move(what), requested_by_schedule(why.schedule));
    schedule_run as;
    as.schedule = std::move(why.schedule);
    as.due = why.due;
    as.late = why.late;
    as.recorded = fresh.created;
    const auto waiting = s->waiting();
    const auto merged = merge_with(waiting, fresh.spec);
    if (merged.how == merge::gives_way) {
        auto answer = co_await s->give_way(*merged.waits, std::move(as));
        co_return answer;
    }
    const auto superseded =
        merged.how == merge::takes_over ? s->runs.at(merged.waits->id) : nullptr;
    if (const auto n = s->unfinished().size(); !superseded && n >= s->options.max_unfinished) {
        co_return too_many(n);
    }
    auto answer = co_await s->start_scheduled(std::move(fresh), std::move(as), superseded);
    co_return answer;
}

asio::awaitable<outcome_of_schedule> service::state::give_way(job waits, schedule_run as) {
    as.outcome = run_outcome::superseded;
    as.job = waits.id;
    as.reason = stand_in_reason(waits.id, waits.spec);
    const auto noted = co_await rows.settle_run(as);
    if (!noted) {
        co_return rejection{noted.error()};
    }
    log::info(
        "a scheduled run is superseded", {{"schedule", as.schedule},
                                          {"due", rfc3339(as.due)},
                                          {"job", waits.id},
                                          {"reason", as.reason}});
    co_return scheduled_answer{run_outcome::superseded, std::move(waits)};
}

asio::awaitable<outcome_of_schedule> service::state::start_scheduled(
    job fresh, schedule_run as, std::shared_ptr<run> superseded) {
    const hold kept{superseded, changed};
    const auto pushed_aside = superseded ? std::optional(superseded->what) : std::nullopt;
    const auto id = co_await rows.insert_scheduled(fresh, std::move(as), pushed_aside);
    if (!id) {
        co_return rejection{id.error()};
    }
    fresh.id = *id;
    if (superseded) {
        supersede(superseded->what, fresh.id, fresh.spec, fresh.created);
    }
    take_on(fresh);
    co_return scheduled_answer{run_outcome::started, std::move(fresh)};
}

asio::awaitable<void> service::state::merge_waiting() {
    const auto many = waiting();
    const auto successions = merge_all(many);
    for (const auto& [id, by] : successions) {
        const auto r = runs.at(id);
        const auto stays = runs.at(by)->what;
        const auto now = std::chrono::system_clock::now();
        const auto ended = co_await rows.supersede(r->what, stays, now);
        if (!ended) {
            log::warn(
                "two scheduled jobs of one kind wait and cannot be merged",
                {{"job", id}, {"stands_in", by}, {"error", ended.error().detail}});
            continue;
        }
        supersede(r->what, by, stays.spec, now);
    }
}

} // namespace restpoint::jobs
