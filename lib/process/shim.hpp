// The shim: `restpoint job-exec`, one process per job, between restpoint and pgBackRest. It keeps
// what must outlive a crash of restpoint: the child, the lines it writes, its exit code.
//
//   restpoint ──spawn (own session), "go" on descriptor 3──▶ shim ──pipe──▶ pgbackrest, workers
//       ▲                                                     │
//       └──────────── pidfd, inotify on the log ──────────────┤ appends lines to jobs/ID.log
//                                                             └ writes jobs/ID.exit
//
// No Asio, no threads, no configuration: a poll loop small enough to be believed.
// Signals to the shim:
//   TERM, INT   passed to the child's process group
//   USR1        KILL to the child's group and to every descendant there is
// A child whose parent shim is killed gets TERM (PDEATHSIG); its workers are found by the lock
// file, see job_files.hpp.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::process {

/// What the shim does with a line of the child's output.
enum class line_fate {
    keep,   ///< always written
    detail, ///< written until detail_cap bytes of the log are reached, then counted
    drop    ///< noise, counted
};

struct shim_options {
    std::filesystem::path folder;  ///< the jobs folder
    std::string id;                ///< names ID.log, ID.exit, ID.lock
    std::vector<std::string> argv; ///< what to run; the environment is the shim's own
    std::size_t detail_cap = 512U << 20U;
    int orphan_grace_s = 10; ///< between TERM and KILL for what outlives the leader
    int word_descriptor = 3; ///< one byte here is the word; end of file without it: nobody waits
                             ///< for us, nothing is started
};

/// The shim's own exit codes. All but the first two mean that nothing was started and that there is
/// no report.
enum class shim_exit : int {
    reported = 0,         ///< the report stands on disk: of the child, or why there was none
    not_reported = 70,    ///< the job is over, but its report could not be written
    refused = 71,         ///< lock, log or report cannot be made
    no_room = 72,         ///< as refused: the disk is full, and the report could not be kept safe
    already_running = 73, ///< another process holds the job's lock
    already_reported = 74 ///< ID.exit is there: this job has been run
};

/// What the code means for the job, to be read behind "the shim exited with N: ". Any number may be
/// cast to a shim_exit: there is a word for those that are none as well.
[[nodiscard]] std::string_view explain(shim_exit code);

/// Runs to the end and returns the shim's own exit code, a shim_exit: 0 when the report stands on
/// disk. `own_line` renders a line of ours ("12 lines were not written: no space") in the log's
/// format.
int run_shim(
    const shim_options& options, const std::function<line_fate(std::string_view)>& judge,
    const std::function<std::string(std::string_view)>& own_line);

} // namespace restpoint::process
