// What a run that has ended makes of its job. Pure.
#pragma once

#include "jobs/job.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace restpoint::jobs {

/// Why a run that was stopped was stopped.
enum class stop_reason {
    none,    ///< nobody of ours asked
    cancel,  ///< somebody cancelled the job
    shutdown ///< restpoint ended and took its jobs along
};

/// What is known when the last process of a job is gone.
struct run_end {
    backrest::ending end = {};
    bool child_was_started = true;
    std::string start_error = {}; ///< why it was not
    bool program_missing = false;
    bool abandoned = false; ///< restpoint ended before it had given the word
    std::optional<int> shim_exit =
        {}; ///< of a shim of ours that left no report: a process::shim_exit
    stop_reason stopped = stop_reason::none;
};

/// Fills in the final state of `what`, its exit code, error, label and sizes. `log_tail` as in
/// backrest::judge.
void conclude(job& what, const run_end& how, std::string_view log_tail);

} // namespace restpoint::jobs
