// One round of the keeper: what is due now, for every schedule.
#include "base/log.hpp"
#include "schedule/keeper_state.hpp"

#include <algorithm>

namespace asio = boost::asio;

namespace restpoint::schedule {

namespace {

/// The order in which runs begin: of backups the strongest first, which is the first value.
std::optional<backrest::backup_type> type_of(const due_run& run) {
    return run.of->what.type;
}

} // namespace

void keeper::state::tell(
    kept& one, const std::string& message, const std::string& error, std::optional<wall_time> due) {
    one.waits = true;
    one.trouble = error;
    const auto shown = due ? rfc3339(*due) : std::string("not known");
    if (one.told != message + shown) {
        one.told = message + shown;
        log::error(message, {{"schedule", one.what.name}, {"due", shown}, {"error", error}});
    }
}

void keeper::state::cover(kept& one, wall_time due) {
    one.covered = std::max(one.covered.value_or(due), due);
    one.told.clear();
    one.trouble.clear();
}

asio::awaitable<void> keeper::state::round() {
    role.reset();
    stand_ins.clear();
    left_runs.clear();
    if (others_to_forget) {
        co_await forget_others();
    }
    std::vector<due_run> due;
    for (auto& one : all) {
        const auto run = co_await look_at(one);
        if (run) {
            due.insert(std::ranges::upper_bound(due, one.what.type, {}, type_of), *run);
        }
    }
    for (const auto& run : due) {
        co_await begin(run);
    }
}

asio::awaitable<bool> keeper::state::know(kept& one) {
    const auto loaded = co_await load_pauses();
    if (!loaded) {
        tell(one, "which schedules are paused cannot be read", loaded.error().detail);
        co_return false;
    }
    if (!one.covered) {
        const auto found = co_await rows.recall(one.what.name);
        if (!found) {
            tell(one, "how far a schedule has come cannot be read", found.error().detail);
            co_return false;
        }
        const auto& memory = *found;
        one.remembered = memory && memory->fingerprint == fingerprint(one.what);
        one.covered = one.remembered ? memory->covered : one.since;
    }
    if (!one.remembered) {
        jobs::schedule_memory memory;
        memory.schedule = one.what.name;
        memory.fingerprint = fingerprint(one.what);
        memory.covered = *one.covered;
        const auto done = co_await rows.remember(std::move(memory));
        one.remembered = done.has_value();
        if (!done) {
            tell(one, "how far a schedule has come cannot be stored", done.error().detail);
        }
    }
    co_return true;
}

asio::awaitable<server_role> keeper::state::role_for(const kept& one) {
    if (one.what.where == run_on::any) {
        co_return server_role::primary;
    }
    if (!role) {
        auto answer = co_await options.role();
        role = std::move(answer);
    }
    co_return role->role;
}

asio::awaitable<std::optional<due_run>> keeper::state::look_at(kept& one) {
    one.waits = false;
    const bool known = co_await know(one);
    if (!known) {
        co_return std::nullopt;
    }
    const auto made = decide(one.what, *one.covered, options.now(), options.jitter_seed);
    if (made.clock_set_back) {
        log::warn(
            "a schedule had come further than the clock has: the clock was wrong, then or now",
            {{"schedule", one.what.name}, {"covered", rfc3339(*one.covered)}});
        one.covered = options.now();
        one.remembered = false;
        co_await know(one);
    } else if (made.run || made.missed) {
        const auto run = co_await answer(one, made);
        co_return run;
    } else if (!one.waits) {
        one.told.clear();
        one.trouble.clear();
    }
    co_return std::nullopt;
}

asio::awaitable<std::optional<due_run>> keeper::state::answer(kept& one, decision made) {
    if (const auto* const paused = pause_of(one.what.name)) {
        co_await stay_paused(one, made.run ? *made.run : made.missed->last, *paused);
        co_return std::nullopt;
    }
    const auto us = co_await role_for(one);
    if (us == server_role::standby && one.what.claim) {
        co_await watch(one, made);
        co_return std::nullopt;
    }
    if (us == server_role::standby) {
        co_await stand_by(one, made.run ? *made.run : made.missed->last);
        co_return std::nullopt;
    }
    if (made.missed) {
        const auto done = co_await miss(one, *made.missed, one.trouble);
        if (done == settled::not_yet) {
            co_return std::nullopt;
        }
    }
    if (!made.run) {
        co_return std::nullopt;
    }
    if (us == server_role::unknown) {
        tell(
            one, "a scheduled run waits until PostgreSQL says whether it is the primary", role->why,
            made.run);
        co_return std::nullopt;
    }
    co_return due_run{&one, *made.run, made.late};
}

} // namespace restpoint::schedule
