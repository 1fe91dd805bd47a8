#include "jobs/merging.hpp"

#include "jobs/schedule_record.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::jobs {

namespace {

bool may_be_merged(const job& what) {
    return what.state == job_state::queued && !what.cancel_requested && is_scheduled(what);
}

bool same_place(const job_spec& a, const job_spec& b) {
    return a.stanza == b.stanza && a.kind == b.kind;
}

/// Whether `a` does more than `b`, which is in the same place.
bool is_stronger(const job_spec& a, const job_spec& b) {
    const auto strength = [](const job_spec& what) {
        // What pgBackRest takes without a type.
        switch (what.type.value_or(backrest::backup_type::incr)) {
        case backrest::backup_type::full:
            return 2;
        case backrest::backup_type::diff:
            return 1;
        case backrest::backup_type::incr:
            break;
        }
        return 0;
    };
    return strength(a) > strength(b);
}

std::string name_of(const job_spec& what) {
    return what.type ? fmt::format("{} {}", backrest::to_string(*what.type), to_string(what.kind))
                     : std::string(to_string(what.kind));
}

/// The one that stays of all in `what`'s place: the strongest, and of equals the oldest.
const job& survivor(std::span<const job> waiting, const job& what) {
    const job* stays = &what;
    for (const auto& other : waiting) {
        if (may_be_merged(other) && same_place(other.spec, what.spec) &&
            (is_stronger(other.spec, stays->spec) ||
             (!is_stronger(stays->spec, other.spec) && other.id < stays->id))) {
            stays = &other;
        }
    }
    return *stays;
}

} // namespace

merging merge_with(std::span<const job> waiting, const job_spec& comes) {
    const auto found = std::ranges::find_if(waiting, [&](const job& other) {
        return may_be_merged(other) && same_place(other.spec, comes);
    });
    if (found == waiting.end()) {
        return {};
    }
    const auto& waits = survivor(waiting, *found);
    return {is_stronger(comes, waits.spec) ? merge::takes_over : merge::gives_way, &waits};
}

std::vector<succession> merge_all(std::span<const job> waiting) {
    std::vector<succession> all;
    for (const auto& one : waiting) {
        if (!may_be_merged(one)) {
            continue;
        }
        if (const auto& stays = survivor(waiting, one); stays.id != one.id) {
            all.push_back({one.id, stays.id});
        }
    }
    return all;
}

std::string stand_in_reason(job_id stands_in, const job_spec& what) {
    return fmt::format("job {} ({}) stands in for it", stands_in, name_of(what));
}

void supersede(job& waited, job_id by, const job_spec& what, wall_time now) {
    waited.state = job_state::cancelled;
    waited.finished = now;
    waited.error = backrest::command_error{
        .name = "superseded",
        .message = fmt::format(
            "job {} ({}) took its place: one scheduled {} of a stanza is enough to wait", by,
            name_of(what), to_string(what.kind)),
        .hint = fmt::format("nothing was run; look at job {}", by)};
}

} // namespace restpoint::jobs
