// Runs that several machines could take: who has claimed one in the repo begins it, and the others
// leave it with a row that says to whom.
#include "base/log.hpp"
#include "schedule/job_of.hpp"
#include "schedule/keeper_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace asio = boost::asio;

namespace restpoint::schedule {

asio::awaitable<bool> keeper::state::is_ours(due_run run) {
    if (!run.of->what.claim) {
        co_return true;
    }
    // The stronger run of the same moment is another machine's: there it stands in for this one.
    const auto other = std::ranges::find(left_runs, kind_of(run.of->what.what), &left_run::kind);
    if (other != left_runs.end()) {
        auto to = other->to;
        auto reason = fmt::format("it goes with the run of {}", other->schedule);
        co_await leave_to(run, std::move(to), std::move(reason));
        co_return false;
    }
    const auto won = co_await win(run);
    if (!won) {
        co_return false;
    }
    const auto may = co_await may_begin(run);
    co_return may;
}

asio::awaitable<bool> keeper::state::win(due_run run) {
    auto& one = *run.of;
    if (one.won == run.due) {
        co_return true;
    }
    auto claiming = options.claim(one.what, run.due);
    auto answer = co_await std::move(claiming);
    switch (answer.outcome) {
    case claim_outcome::ours:
        one.won = run.due;
        log::info(
            "a scheduled run is claimed",
            {{"schedule", one.what.name}, {"due", rfc3339(run.due)}, {"machine", answer.machine}});
        co_return true;
    case claim_outcome::open:
        tell(
            one, "a scheduled run could not be claimed in the repo; it is tried again", answer.why,
            run.due);
        co_return false;
    case claim_outcome::theirs:
    case claim_outcome::barred:
        break;
    }
    auto reason = answer.outcome == claim_outcome::theirs
                      ? fmt::format("claimed by {}", answer.machine)
                      : answer.why;
    left_runs.push_back({one.what.name, kind_of(one.what.what), answer});
    co_await leave_to(run, std::move(answer), std::move(reason));
    co_return false;
}

asio::awaitable<void> keeper::state::watch(kept& one, decision made) {
    if (made.missed && one.trouble.empty()) { // we were down: it was the primary's
        co_await stand_by(one, made.missed->last);
    } else if (made.missed) {
        const auto done = co_await miss(one, *made.missed, one.trouble);
        if (done == settled::not_yet) {
            co_return;
        }
    }
    if (!made.run) {
        co_return;
    }
    auto asking = options.claimed(one.what, *made.run);
    const auto seen = co_await std::move(asking);
    if (seen && *seen) {
        co_await stand_by(one, *made.run, **seen);
    } else {
        one.waits = true;
        one.trouble = seen ? "no primary has claimed it" : seen.error().detail;
    }
}

/// Seconds have passed since it was looked at.
asio::awaitable<bool> keeper::state::may_begin(due_run run) {
    if (const auto* const paused = pause_of(run.of->what.name)) {
        co_await stay_paused(*run.of, run.due, *paused);
        co_return false;
    }
    role.reset();
    const auto us = co_await role_for(*run.of);
    if (us == server_role::standby) {
        co_await stand_by(*run.of, run.due);
        co_return false;
    }
    co_return true;
}

asio::awaitable<void> keeper::state::leave_to(due_run run, claim_answer other, std::string reason) {
    jobs::schedule_run as;
    as.schedule = run.of->what.name;
    as.due = run.due;
    as.outcome = jobs::run_outcome::left;
    as.reason = reason;
    as.left_to = other.machine;
    const auto done = co_await settle(*run.of, std::move(as));
    if (done != settled::now) {
        co_return;
    }
    if (other.outcome == claim_outcome::theirs) {
        log::info(
            "a scheduled run is left to another machine", {{"schedule", run.of->what.name},
                                                           {"due", rfc3339(run.due)},
                                                           {"machine", other.machine},
                                                           {"reason", reason}});
    } else {
        log::error(
            "a scheduled run is not this machine's to run",
            {{"schedule", run.of->what.name}, {"due", rfc3339(run.due)}, {"reason", reason}});
    }
}

} // namespace restpoint::schedule
