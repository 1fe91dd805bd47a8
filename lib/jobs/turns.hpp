// Who runs when: the rules that the service asks, as plain functions over the jobs that are not
// final. Pure.
#pragma once

#include "jobs/exclusion.hpp"
#include "jobs/job.hpp"

#include <optional>
#include <span>

namespace restpoint::jobs {

/// Why a run that was stopped was stopped.
enum class stop_reason {
    none,    ///< nobody of ours asked
    cancel,  ///< somebody cancelled the job
    shutdown ///< restpoint ended and took its jobs along
};

/// The earlier job that `mine` has to wait for; none when it is its turn.
[[nodiscard]] const job* ahead_of(std::span<const job> unfinished, const job& mine);

/// What is known when the last process of a job is gone.
struct run_end {
    backrest::ending end = {};
    bool child_was_started = true;
    std::string start_error = {}; ///< why it was not
    bool program_missing = false;
    bool abandoned = false; ///< restpoint ended before it had given the word
    bool report_found = true;
    stop_reason stopped = stop_reason::none;
};

/// Fills in the final state of `what`, its exit code, error, label and sizes. `log_tail` as in
/// backrest::judge.
void conclude(job& what, const run_end& how, std::string_view log_tail);

} // namespace restpoint::jobs
