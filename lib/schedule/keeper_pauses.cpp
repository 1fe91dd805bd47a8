// Schedules that somebody has paused. What is due meanwhile gets a row that says so: nobody looks
// for a run in vain, and nothing is left to be made up for when the pause is over.
#include "base/log.hpp"
#include "schedule/keeper_state.hpp"
#include "schedule/occurrences.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace asio = boost::asio;

namespace restpoint::schedule {

namespace {

std::string reason_of(const jobs::schedule_pause& why) {
    return fmt::format("paused by {} since {}", why.by, rfc3339(why.since));
}

} // namespace

asio::awaitable<result<>> keeper::state::load_pauses() {
    if (pauses) {
        co_return result<>{};
    }
    auto found = co_await rows.pauses();
    if (!found) {
        co_return found.error();
    }
    if (!pauses) { // nobody was faster
        pauses.emplace();
        for (auto& one : *found) {
            auto name = one.schedule;
            pauses->emplace(std::move(name), std::move(one));
        }
    }
    co_return result<>{};
}

const jobs::schedule_pause* keeper::state::pause_of(const std::string& schedule) const {
    if (!pauses) {
        return nullptr;
    }
    const auto found = pauses->find(schedule);
    return found == pauses->end() ? nullptr : &found->second;
}

asio::awaitable<void> keeper::state::stay_paused(
    kept& one, wall_time due, jobs::schedule_pause why) {
    jobs::schedule_run run;
    run.schedule = one.what.name;
    run.due = due;
    run.outcome = jobs::run_outcome::paused;
    run.reason = reason_of(why);
    const auto told = run.reason;
    const auto done = co_await settle(one, std::move(run));
    if (done == settled::now) {
        log::info(
            "a scheduled run is left out",
            {{"schedule", one.what.name}, {"due", rfc3339(due)}, {"reason", told}});
    }
}

asio::awaitable<result<std::optional<wall_time>>> keeper::state::passed_by(std::string schedule) {
    const auto found = std::ranges::find(
        all, schedule, [](const kept& one) -> const std::string& { return one.what.name; });
    if (found == all.end()) {
        co_return std::optional<wall_time>();
    }
    const auto what = found->what; // the schedules may be replaced while the store is asked
    auto covered = found->covered.value_or(found->since);
    if (!found->covered) {
        const auto memory = co_await rows.recall(schedule);
        if (!memory) {
            co_return memory.error();
        }
        const auto& known = *memory;
        covered = known && known->fingerprint == fingerprint(what) ? known->covered : covered;
    }
    const auto made = decide(what, covered, options.now(), options.jitter_seed);
    if (made.missed && !made.run) {
        co_return std::optional(made.missed->last);
    }
    co_return made.run;
}

asio::awaitable<result<>> keeper::pause(std::string schedule, std::string by) {
    auto& s = *state_;
    const auto loaded = co_await s.load_pauses();
    if (!loaded || s.pause_of(schedule) != nullptr) {
        co_return loaded;
    }
    jobs::schedule_pause what;
    what.schedule = schedule;
    what.since = s.options.now();
    what.by = std::move(by);
    const auto done = co_await s.rows.pause(what);
    if (!done) {
        co_return done;
    }
    log::info("schedule paused", {{"schedule", schedule}, {"by", what.by}});
    s.pauses->emplace(std::move(schedule), std::move(what));
    co_return done;
}

asio::awaitable<result<>> keeper::resume(std::string schedule) {
    auto& s = *state_;
    const auto loaded = co_await s.load_pauses();
    if (!loaded) {
        co_return loaded;
    }
    const auto* const paused = s.pause_of(schedule);
    if (paused == nullptr) {
        co_return loaded;
    }
    std::optional<jobs::schedule_run> last;
    const auto reason = reason_of(*paused);
    const auto passed = co_await s.passed_by(schedule);
    if (!passed) {
        co_return passed.error();
    }
    if (*passed) {
        last.emplace();
        last->schedule = schedule;
        last->due = **passed;
        last->outcome = jobs::run_outcome::paused;
        last->reason = reason;
        last->recorded = s.options.now();
    }
    const auto done = co_await s.rows.resume(schedule, std::move(last));
    if (!done) {
        co_return done;
    }
    s.pauses->erase(schedule);
    for (auto& one : s.all) {
        if (*passed && one.covered && one.what.name == schedule) {
            s.cover(one, **passed);
        }
    }
    s.changed.ring();
    log::info("schedule resumed", {{"schedule", schedule}});
    co_return done;
}

asio::awaitable<result<standing>> keeper::standing_of(std::string schedule, int next, int last) {
    auto& s = *state_;
    const auto loaded = co_await s.load_pauses();
    if (!loaded) {
        co_return loaded.error();
    }
    auto runs = co_await s.rows.schedule_runs(schedule, last);
    if (!runs) {
        co_return runs.error();
    }
    standing seen;
    seen.last = std::move(*runs);
    if (const auto* const paused = s.pause_of(schedule)) {
        seen.paused = *paused;
        co_return seen;
    }
    for (const auto& first : next_runs()) {
        if (first.schedule == schedule) {
            seen.next = s.runs_from(first, next);
        }
    }
    co_return seen;
}

std::vector<upcoming> keeper::state::runs_from(const upcoming& first, int most) const {
    std::vector<upcoming> runs{first};
    const auto found = std::ranges::find(
        all, first.schedule, [](const kept& one) -> const std::string& { return one.what.name; });
    while (static_cast<int>(runs.size()) < most) {
        const auto due = next_run(found->what.when, found->what.zone, runs.back().due);
        if (!due) {
            break;
        }
        runs.push_back({first.schedule, *due, start_of(found->what, *due, options.jitter_seed)});
    }
    return runs;
}

} // namespace restpoint::schedule
