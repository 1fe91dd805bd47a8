#include "schedule/planner.hpp"

#include "schedule/occurrences.hpp"

#include <algorithm>

namespace restpoint::schedule {

namespace {

constexpr std::chrono::system_clock::duration moment{1};

/// FNV-1a over what identifies the run, with a last mix so that neighbours lie far apart.
std::uint64_t hash_of(std::string_view name, wall_time due, std::uint64_t seed) {
    std::uint64_t hash = 0xCBF29CE484222325;
    const auto add = [&hash](std::uint64_t byte) { hash = (hash ^ byte) * 0x100000001B3; };
    for (const char c : name) {
        add(static_cast<unsigned char>(c));
    }
    const auto seconds = std::chrono::floor<std::chrono::seconds>(due).time_since_epoch().count();
    for (const auto number : {static_cast<std::uint64_t>(seconds), seed}) {
        for (unsigned shift = 0; shift < 64; shift += 8) {
            add(number >> shift & 0xFFU);
        }
    }
    hash ^= hash >> 33;
    hash *= 0xFF51AFD7ED558CCD;
    return hash ^ hash >> 33;
}

wall_time next_after(const definition& what, wall_time after) {
    return next_run(what.when, what.zone, after).value_or(wall_time::max());
}

/// The due times in (after, last], of which there is one at least.
missed_runs count_missed(const definition& what, wall_time after, wall_time last) {
    missed_runs all;
    all.first = next_after(what, after);
    all.last = last;
    for (auto due = all.first; due <= last && all.count < missed_runs::most;
         due = next_after(what, due)) {
        ++all.count;
    }
    return all;
}

/// What to do about `due`, whose start time has come, and about the older ones.
decision carry_out(
    const definition& what, wall_time covered, wall_time due, wall_time start, wall_time now) {
    decision made;
    made.late = now - start > on_time;
    made.look_again = next_after(what, now);
    if (made.late && !what.catch_up) {
        made.late = false;
        made.missed = count_missed(what, covered, due);
        return made;
    }
    made.run = due;
    if (const auto older = last_run(what.when, what.zone, covered, due - moment)) {
        made.missed = count_missed(what, covered, *older);
    }
    if (!made.late) {
        made.look_again = std::min(made.look_again, start + on_time + moment);
    }
    return made;
}

} // namespace

wall_time start_of(const definition& what, wall_time due, std::uint64_t jitter_seed) {
    if (what.jitter <= std::chrono::seconds{0}) {
        return due;
    }
    // Where the clock skips an hour, two runs can be nearer to each other than on other days.
    const auto distance =
        std::chrono::floor<std::chrono::seconds>(next_after(what, due) - due).count();
    const auto range = static_cast<std::uint64_t>(std::min(what.jitter.count(), distance));
    return due + std::chrono::seconds{hash_of(what.name, due, jitter_seed) % range};
}

std::optional<missed_runs> due_by(const definition& what, wall_time covered, wall_time now) {
    const auto last = last_run(what.when, what.zone, covered, now);
    return last ? std::optional(count_missed(what, covered, *last)) : std::nullopt;
}

decision decide(
    const definition& what, wall_time covered, wall_time now, std::uint64_t jitter_seed) {
    const bool set_back = now < wall_time::max() - longest_lead && covered > now + longest_lead;
    if (set_back) {
        covered = now;
    }
    decision made;
    const auto next = next_after(what, covered);
    if (next == wall_time::max()) {
        made.look_again = next;
    } else if (next > now) {
        made.look_again = start_of(what, next, jitter_seed);
    } else {
        const auto newest = last_run(what.when, what.zone, covered, now).value_or(next);
        const auto start = start_of(what, newest, jitter_seed);
        if (start > now) {
            made.look_again = start;
        } else {
            made = carry_out(what, covered, newest, start, now);
        }
    }
    made.clock_set_back = set_back;
    return made;
}

} // namespace restpoint::schedule
