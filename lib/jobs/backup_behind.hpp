// The backup that restpoint makes of itself behind a restore. Until there is one, the newest backup
// of the repo is of a timeline that the server has left.
#pragma once

#include "jobs/job.hpp"

#include <chrono>
#include <span>
#include <string>

namespace restpoint::jobs {

/// Who asks for it: "after job 12". No caller has such a name.
[[nodiscard]] std::string behind_restore(job_id restore);
[[nodiscard]] bool follows_restore(const job& what);

/// Behind which the next attempt begins, when one failed.
constexpr std::chrono::minutes before_next_attempt{10};

/// For so long behind its end a restore has a backup coming: later somebody else sees to backups.
constexpr std::chrono::hours owed_for{24};

/// Whether the backup behind `restore`, which has succeeded, is to be asked for now. `backups`: those
/// of its stanza, in any order; one that waits, runs, has succeeded or was cancelled settles it. Not
/// one that was cancelled to make way for `newest`, the last restore or undo that was tried.
[[nodiscard]] bool is_backup_owed(
    const job& restore, job_id newest, std::span<const job> backups, wall_time now);

} // namespace restpoint::jobs
