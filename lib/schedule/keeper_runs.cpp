// What becomes of due times: a job, or a row that says why there is none.
#include "base/log.hpp"
#include "jobs/merging.hpp"
#include "schedule/job_of.hpp"
#include "schedule/keeper_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace asio = boost::asio;

namespace restpoint::schedule {

namespace {

/// " (3 due times since 2026-11-22T02:30:00.000Z)"; empty for a single one.
std::string how_many(const missed_runs& missed) {
    if (missed.count == 1) {
        return {};
    }
    const auto* const least = missed.count == missed_runs::most ? "at least " : "";
    return fmt::format(" ({}{} due times since {})", least, missed.count, rfc3339(missed.first));
}

jobs::schedule_run a_run(const kept& of, wall_time due, jobs::run_outcome outcome) {
    jobs::schedule_run run;
    run.schedule = of.what.name;
    run.due = due;
    run.outcome = outcome;
    return run;
}

} // namespace

asio::awaitable<void> keeper::state::stand_by(kept& one, wall_time due, std::string left_to) {
    auto run = a_run(one, due, jobs::run_outcome::standby);
    run.reason = "this server is a standby";
    run.left_to = std::move(left_to);
    const auto done = co_await settle(one, std::move(run));
    if (done == settled::now) {
        log::info(
            "a scheduled run is the primary's",
            {{"schedule", one.what.name}, {"due", rfc3339(due)}});
    }
}

asio::awaitable<settled> keeper::state::miss(kept& one, missed_runs missed, std::string reason) {
    auto run = a_run(one, missed.last, jobs::run_outcome::missed);
    run.reason = reason.empty() ? "restpoint was not running then, or the machine slept" : reason;
    run.reason += how_many(missed);
    const auto told = run.reason;
    const auto done = co_await settle(one, std::move(run));
    if (done == settled::now) {
        log::error(
            "a scheduled run was missed", {{"schedule", one.what.name},
                                           {"due", rfc3339(missed.last)},
                                           {"missed", missed.count},
                                           {"reason", told}});
    }
    co_return done;
}

asio::awaitable<settled> keeper::state::settle(kept& one, jobs::schedule_run as) {
    const auto due = as.due;
    as.recorded = options.now();
    const auto done = co_await rows.settle_run(std::move(as));
    if (!done && done.error().code != errc::conflict) {
        tell(one, "what became of a scheduled run cannot be stored", done.error().detail, due);
        co_return settled::not_yet;
    }
    cover(one, due);
    one.remembered = one.remembered && done.has_value();
    co_return done ? settled::now : settled::before;
}

asio::awaitable<void> keeper::state::begin(due_run run) {
    if (const auto* const paused = pause_of(run.of->what.name)) { // since it was looked at
        co_await stay_paused(*run.of, run.due, *paused);
        co_return;
    }
    const auto kind = kind_of(run.of->what.what);
    const auto other =
        std::ranges::find(stand_ins, kind, [](const jobs::job& begun) { return begun.spec.kind; });
    if (other == stand_ins.end()) {
        const auto ours = co_await is_ours(run);
        if (ours) {
            co_await submit(run);
        }
        co_return;
    }
    auto as = a_run(*run.of, run.due, jobs::run_outcome::superseded);
    as.late = run.late;
    as.job = other->id;
    as.reason = jobs::stand_in_reason(other->id, other->spec);
    const auto told = as.reason;
    const auto done = co_await settle(*run.of, std::move(as));
    if (done == settled::now) {
        log::info(
            "a scheduled run is superseded",
            {{"schedule", run.of->what.name}, {"due", rfc3339(run.due)}, {"reason", told}});
    }
}

asio::awaitable<void> keeper::state::submit(due_run run) {
    auto& one = *run.of;
    jobs::scheduled why;
    why.schedule = one.what.name;
    why.due = run.due;
    why.late = run.late;
    const auto answer =
        co_await jobs.submit_scheduled(job_of(one.what, options.stanza), std::move(why));
    if (answer) {
        cover(one, run.due);
        stand_ins.push_back(answer->what);
        log::info(
            run.late ? "a scheduled run begins late" : "a scheduled run begins",
            {{"schedule", one.what.name}, {"due", rfc3339(run.due)}, {"job", answer->what.id}});
        co_return;
    }
    const auto& refused = answer.error().why;
    if (refused.code == errc::conflict) {
        cover(one, run.due); // its row is on disk
        one.remembered = false;
        log::warn(
            "a scheduled run is not repeated: the clock was set back",
            {{"schedule", one.what.name}, {"due", rfc3339(run.due)}});
    } else if (refused.code == errc::invalid) {
        co_await fail(run, refused.detail);
    } else {
        tell(one, "a scheduled run could not begin; it is tried again", refused.detail, run.due);
    }
}

asio::awaitable<void> keeper::state::fail(due_run run, std::string why) {
    auto as = a_run(*run.of, run.due, jobs::run_outcome::failed);
    as.late = run.late;
    as.reason = why;
    const auto done = co_await settle(*run.of, std::move(as));
    if (done == settled::now) {
        log::error(
            "a scheduled run cannot be made a job",
            {{"schedule", run.of->what.name}, {"due", rfc3339(run.due)}, {"error", why}});
    }
}

asio::awaitable<void> keeper::state::leave(kept& old, wall_time now) {
    if (!old.covered) {
        co_return;
    }
    const auto missed = due_by(old.what, *old.covered, now);
    if (!missed) {
        co_return;
    }
    if (const auto* const paused = pause_of(old.what.name)) {
        co_await stay_paused(old, missed->last, *paused);
        co_return;
    }
    // Once: it is told in any case, and a row that cannot be written now has no later.
    const auto done = co_await miss(old, *missed, "the schedule was changed before it could begin");
    if (done == settled::not_yet) {
        log::error(
            "a scheduled run was missed",
            {{"schedule", old.what.name}, {"due", rfc3339(missed->last)}});
    }
}

} // namespace restpoint::schedule
