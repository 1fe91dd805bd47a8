// What a shim secures before anything runs: the lock, the log, and room on the disk for the report
// of a job that may end on a full one.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "process/exit_report.hpp"
#include "process/identity.hpp"
#include "process/job_files.hpp"
#include "process/shim.hpp"

#include <string>

namespace restpoint::process {

struct shim_claim {
    job_files files;
    unique_fd lock = {};   ///< flock()ed; every descendant inherits it
    unique_fd log = {};    ///< opened with O_APPEND
    unique_fd report = {}; ///< of a file beside files.exit, whose first 4 KiB are reserved
};

struct refusal {
    shim_exit code = shim_exit::refused;
    std::string why;
};

/// On a refusal nothing of the job has changed, except that its log and lock files may be there.
[[nodiscard]] boost::system::result<shim_claim, refusal> claim_job(const job_files& files);
[[noreturn]] void throw_exception_from_error(
    const refusal& what, const boost::source_location& where);

/// Writes into the lock file who the child is.
void name_child(const shim_claim& claim, const identity& child);

/// Puts the report in its place: whole, synced, and durable by name.
[[nodiscard]] result<> publish(const shim_claim& claim, const exit_report& report);

} // namespace restpoint::process
