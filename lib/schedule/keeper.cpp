#include "schedule/keeper.hpp"

#include "base/log.hpp"
#include "schedule/keeper_state.hpp"
#include "schedule/occurrences.hpp"

#include <algorithm>

namespace asio = boost::asio;

namespace restpoint::schedule {

using std::chrono::milliseconds;

namespace {

/// The due time that is answered for next: one that waits, or the first to come.
std::optional<wall_time> next_of(const kept& one, wall_time now) {
    const auto& what = one.what;
    const auto covered = one.covered.value_or(one.since);
    const auto waits = last_run(what.when, what.zone, covered, now);
    return waits ? waits : next_run(what.when, what.zone, covered);
}

} // namespace

keeper::keeper(
    asio::any_io_executor executor, jobs::service& jobs, jobs::store& rows, keeper_options options)
    : state_(std::make_unique<state>(std::move(executor), jobs, rows, std::move(options))) {}

keeper::~keeper() = default;

void keeper::replace(std::vector<definition> definitions) {
    if (!state_->replacement) {
        state_->replaced_at = state_->options.now();
    }
    state_->replacement = std::move(definitions);
    state_->changed.ring();
}

asio::awaitable<void> keeper::run() {
    return state_->run();
}

std::vector<upcoming> keeper::next_runs() const {
    std::vector<upcoming> runs;
    const auto now = state_->options.now();
    for (const auto& one : state_->all) {
        if (const auto due = next_of(one, now)) {
            const auto start = start_of(one.what, *due, state_->options.jitter_seed);
            runs.push_back({one.what.name, *due, start});
        }
    }
    return runs;
}

asio::awaitable<void> keeper::state::run() {
    for (;;) {
        if (replacement) {
            co_await apply_replacement();
            continue;
        }
        co_await round();
        if (replacement) {
            continue;
        }
        const auto left = std::chrono::ceil<milliseconds>(wake_at() - options.now());
        const auto sleep = std::clamp(left, milliseconds{1}, options.longest_sleep);
        co_await changed.heard(std::chrono::steady_clock::now() + sleep);
    }
}

wall_time keeper::state::wake_at() const {
    const auto now = options.now();
    auto wake = now + options.longest_sleep;
    for (const auto& one : all) {
        if (!one.waits && one.covered) {
            const auto next = decide(one.what, *one.covered, now, options.jitter_seed);
            wake = std::min(wake, next.run || next.missed ? now : next.look_again);
        }
    }
    return wake;
}

asio::awaitable<void> keeper::state::apply_replacement() {
    const auto now = replaced_at;
    auto definitions = std::move(*replacement);
    replacement.reset();
    co_await round(); // after the call of replace(), so that all that was due then is seen
    auto old = std::exchange(all, {});
    for (auto& what : definitions) {
        const auto same = std::ranges::find_if(old, [&](const kept& one) {
            return one.what.name == what.name && fingerprint(one.what) == fingerprint(what);
        });
        if (same == old.end()) {
            all.push_back({std::move(what), now});
        } else {
            all.push_back(std::move(*same));
            all.back().what = std::move(what);
            old.erase(same);
        }
    }
    for (auto& one : old) {
        co_await leave(one, now);
    }
    others_to_forget = true;
    for (const auto& one : all) {
        const auto next = next_of(one, now);
        log::info(
            "schedule kept", {{"schedule", one.what.name},
                              {"cron", one.what.expression},
                              {"time_zone", one.what.zone.name()},
                              {"next", next ? rfc3339(*next) : "never"}});
    }
}

asio::awaitable<void> keeper::state::forget_others() {
    std::vector<std::string> names;
    for (const auto& one : all) {
        names.push_back(one.what.name);
    }
    const auto done = co_await rows.forget_all_but(names);
    others_to_forget = !done;
    if (done && pauses) {
        std::erase_if(*pauses, [&](const auto& one) {
            return std::ranges::find(names, one.first) == names.end();
        });
    }
}

} // namespace restpoint::schedule
