// The files of one job in the state directory, and what can be learned from them when its shim is
// gone.
//
//   jobs/ID.log    what the child wrote, append-only; the shim alone writes it
//   jobs/ID.exit   the exit report; there when, and only when, the whole tree is gone (shim_tree.hpp
//                  says who belongs to it)
//   jobs/ID.lock   flock()ed by the shim on an open descriptor that every descendant inherits:
//                  free means that no process of the job is left (zombies hold no descriptors).
//                  Its content names the child: {"pid", "start_ticks", "boot_id"}
#pragma once

#include "base/result.hpp"
#include "process/exit_report.hpp"
#include "process/identity.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace restpoint::process {

struct job_files {
    std::filesystem::path log;
    std::filesystem::path exit;
    std::filesystem::path lock;
};

[[nodiscard]] job_files files_of(const std::filesystem::path& jobs_folder, std::string_view id);

/// Whether a process of the job is left. A lock file that is not there counts as free.
[[nodiscard]] bool tree_is_alive(const job_files& files);

/// The leader of the child's process group, if the shim got as far as starting one and it is still
/// that very process.
[[nodiscard]] std::optional<identity> child_of(const job_files& files);

/// Sends `signal` to every process that holds the job's lock file open (found in /proc), to their
/// groups, never to ourselves. For trees whose shim was killed. Returns how many processes were
/// signalled.
int signal_tree(const job_files& files, int signal);

/// The report, none when it is not there yet.
[[nodiscard]] result<std::optional<exit_report>> read_exit_report(const job_files& files);

} // namespace restpoint::process
