// Which kinds exclude which, per stanza: one table. Pure.
//
//                 backup, expire, annotate,                      restore,  postgres_start,
//                 stanza_create, stanza_upgrade  check  verify  undo,     postgres_stop,
//                                                               forget    postgres_restart
// backup, expire, annotate,
// stanza_create, stanza_upgrade     x                             x
// check                                            x              x
// verify                                                  x       x
// restore, undo, forget             x              x      x       x         x
// postgres_start, _stop, _restart                                 x         x
//                                                         x: may not run beside each other
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
