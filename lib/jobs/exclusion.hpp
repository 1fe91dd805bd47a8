// Which kinds exclude which, per stanza: one table. Pure.
//
//                 backup, expire, annotate,
//                 stanza_create, stanza_upgrade  check  verify
// backup                        x                               x: may not run beside each other
// expire                        x
// annotate                      x
// stanza_create                 x
// stanza_upgrade                x
// check                                            x
// verify                                                  x
#pragma once

#include "jobs/job.hpp"

#include <span>

namespace restpoint::jobs {

/// Symmetric.
[[nodiscard]] bool excludes(job_kind a, job_kind b);

/// The unfinished job that keeps `wanted` from running now; none when it may run. `unfinished`
/// holds jobs of every stanza.
[[nodiscard]] const job* in_the_way(std::span<const job> unfinished, const job_spec& wanted);

/// The earlier job that `mine` has to wait for; none when it is its turn.
[[nodiscard]] const job* ahead_of(std::span<const job> unfinished, const job& mine);

/// The unfinished job that already does exactly this.
[[nodiscard]] const job* twin_of(std::span<const job> unfinished, const job_spec& wanted);

} // namespace restpoint::jobs
