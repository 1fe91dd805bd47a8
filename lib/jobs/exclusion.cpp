#include "jobs/exclusion.hpp"

#include <algorithm>

namespace restpoint::jobs {

namespace {

/// The kinds that change the repo's catalogue hold pgBackRest's own stanza lock; the others only
/// read, or only push WAL.
bool changes_the_catalogue(job_kind kind) {
    switch (kind) {
    case job_kind::backup:
    case job_kind::stanza_create:
    case job_kind::expire:
    case job_kind::stanza_upgrade:
    case job_kind::annotate:
        return true;
    case job_kind::check:
    case job_kind::verify:
    case job_kind::restore:
    case job_kind::undo:
    case job_kind::forget:
    case job_kind::postgres_start:
    case job_kind::postgres_stop:
    case job_kind::postgres_restart:
        return false;
    }
    // uncovered: every value has its case
    return true;
}

/// What replaces the cluster that all the others work on.
bool replaces_the_cluster(job_kind kind) {
    return kind == job_kind::restore || kind == job_kind::undo || kind == job_kind::forget;
}

bool drives_the_server(job_kind kind) {
    return kind == job_kind::postgres_start || kind == job_kind::postgres_stop ||
           kind == job_kind::postgres_restart;
}

} // namespace

bool excludes(job_kind a, job_kind b) {
    return a == b || replaces_the_cluster(a) || replaces_the_cluster(b) ||
           (drives_the_server(a) && drives_the_server(b)) ||
           (changes_the_catalogue(a) && changes_the_catalogue(b));
}

const job* in_the_way(std::span<const job> unfinished, const job_spec& wanted) {
    for (const auto& other : unfinished) {
        if (!is_final(other.state) && other.spec.stanza == wanted.stanza &&
            excludes(other.spec.kind, wanted.kind)) {
            return &other;
        }
    }
    return nullptr;
}

const job* ahead_of(std::span<const job> unfinished, const job& mine) {
    const auto blocks = [&](const job& other) {
        return other.id < mine.id && other.spec.stanza == mine.spec.stanza &&
               !is_final(other.state) && excludes(other.spec.kind, mine.spec.kind);
    };
    const auto found = std::ranges::find_if(unfinished, blocks);
    return found == unfinished.end() ? nullptr : &*found;
}

const job* twin_of(std::span<const job> unfinished, const job_spec& wanted) {
    for (const auto& other : unfinished) {
        if (!is_final(other.state) && other.spec == wanted) {
            return &other;
        }
    }
    return nullptr;
}

} // namespace restpoint::jobs
