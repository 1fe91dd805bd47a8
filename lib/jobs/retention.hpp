// Which jobs and logs are old enough to go. Pure.
//
// Never goes what is not final, nor (row and log) the newest job of each stanza and kind that
// succeeded, failed or was interrupted. Of the others go those that ended too long ago, row and
// log; and where all logs together are too large, the oldest logs, whose rows stay.
#pragma once

#include "base/result.hpp"
#include "jobs/job.hpp"

#include <chrono>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace restpoint::jobs {

struct retention_policy {
    std::chrono::days keep_jobs{90};                        ///< since their end
    std::uint64_t keep_log_bytes = std::uint64_t{1} << 30U; ///< of all logs together
    /// Entries of the audit trail that strangers can write as many of as they like.
    std::int64_t keep_refusals = 100'000;

    friend bool operator==(const retention_policy&, const retention_policy&) = default;
};

/// What retention looks at in a job.
struct kept_job {
    job_id id = 0;
    job_kind kind = job_kind::backup;
    std::string stanza = {};
    job_state state = job_state::queued;
    wall_time ended = {};
    std::uint64_t log_bytes = 0; ///< 0 when the log is gone already

    friend bool operator==(const kept_job&, const kept_job&) = default;
};

/// The ids of what stays for ever. `jobs` holds all, or at least the newest of each stanza, kind
/// and state; the highest id is the newest.
[[nodiscard]] std::set<job_id> always_kept(std::span<const kept_job> jobs);

/// What ended before it is too old.
[[nodiscard]] wall_time kept_since(const retention_policy& policy, wall_time now);

/// Those of `jobs` that go, row and log.
[[nodiscard]] std::vector<kept_job> jobs_to_remove(
    std::span<const kept_job> jobs, const std::set<job_id>& always, wall_time since);

/// Those of `oldest_first` whose logs go, until `excess` bytes are freed or there are no more.
[[nodiscard]] std::vector<kept_job> logs_to_remove(
    std::span<const kept_job> oldest_first, const std::set<job_id>& always, std::uint64_t excess);

/// The first of `jobs`, as many as are dealt with at a time: removing large files takes long, and
/// others wait behind it. One at least, if there is one.
[[nodiscard]] std::span<const kept_job> next_batch(std::span<const kept_job> jobs);

/// Why the log of `what` cannot be read any more.
[[nodiscard]] failure removed_log(const job& what);

} // namespace restpoint::jobs
