// Scheduled runs that wait: one is enough for each stanza and kind. Of two backups the stronger
// type stays, of the other kinds the one that waits already; the one that goes is superseded by the
// one that stays. What people asked for is never touched. Pure.
//
//                  waits: full     diff       incr
//   comes: full    gives way    takes over  takes over
//          diff    gives way    gives way   takes over
//          incr    gives way    gives way   gives way
#pragma once

#include "jobs/job.hpp"

#include <span>
#include <string>
#include <vector>

namespace restpoint::jobs {

enum class merge {
    apart,     ///< nothing to merge with: a job of its own
    gives_way, ///< what comes is superseded by what waits
    takes_over ///< what waits is superseded by what comes
};

struct merging {
    merge how = merge::apart;
    const job* waits = nullptr; ///< none when apart
};

/// What is to become of a scheduled run that comes while `waiting` wait. Jobs that nobody scheduled
/// or that are being cancelled are passed over.
[[nodiscard]] merging merge_with(std::span<const job> waiting, const job_spec& comes);

struct succession {
    job_id superseded = 0;
    job_id by = 0;
};

/// Which of several that wait go: for jobs that were left so, by a restpoint that died.
[[nodiscard]] std::vector<succession> merge_all(std::span<const job> waiting);

/// Why a run has no job of its own, for people: "job 12 (full backup) stands in for it".
[[nodiscard]] std::string stand_in_reason(job_id stands_in, const job_spec& what);

/// Ends a job that waited, for the one that takes its place.
void supersede(job& waited, job_id by, const job_spec& what, wall_time now);

} // namespace restpoint::jobs
