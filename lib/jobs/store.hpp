// Jobs are rows: SQLite in the state directory (WAL mode, synchronous=FULL), on a thread of its
// own, so that transitions reach the disk in order and the loop never waits for it. Every operation
// resumes on the executor it was awaited on, and once begun is carried out, even when whoever
// awaits it is cancelled. The loop must outlive the store. Times are kept to the microsecond.
//
// Full disk: a file `restpoint.reserve` (1 MiB, really allocated) is given up when an update finds
// no space, so that what runs can be brought to its end; new rows are refused (`unusable_state`).
// It is made again when there is room. Too many operations waiting (a disk that hangs): new ones
// are refused with `unavailable`, except updates and what is remembered of schedules.
#pragma once

#include "base/result.hpp"
#include "jobs/job.hpp"
#include "jobs/request_key.hpp"
#include "jobs/retention.hpp"
#include "jobs/schedule_record.hpp"

#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::jobs {

struct job_filter {
    std::optional<job_state> state = {};
    std::optional<job_kind> kind = {};
    std::optional<std::string> stanza = {};
    std::optional<job_id> before = {}; ///< the cursor: only ids below it
    int limit = 50;                    ///< 1..500
};

struct audit_entry {
    std::string who = {};
    std::string where = {}; ///< peer address
    std::string what = {};  ///< "POST /api/v1/stanzas/main/backups"
    std::string outcome = {};
    bool stranger = false; ///< a refusal of a caller who is not known: only so many are kept
};

/// An entry as it stands in the trail.
struct audit_record {
    std::int64_t id = 0;
    wall_time at = {};
    audit_entry entry = {};
};

struct audit_filter {
    std::optional<std::int64_t> before = {}; ///< the cursor: only ids below it
    int limit = 50;
};

/// Final jobs for retention to decide about, oldest first.
struct retention_page {
    std::vector<kept_job> jobs = {};
    std::set<job_id> always = {}; ///< the ids of what stays for ever, at the same moment
    std::uint64_t log_bytes = 0;  ///< of all logs together; of with_logs() only
};

/// Behind which job a page begins.
struct retention_cursor {
    wall_time ended = {};
    job_id id = 0;
};

class store {
  public:
    /// Opens or makes `folder/restpoint.db`, upgrades an older schema, reads back what it wrote.
    /// Blocking: for the start only. Fails with `unusable_state`: a newer schema, a damaged file,
    /// no space, read-only.
    [[nodiscard]] static result<std::unique_ptr<store>> open(const std::filesystem::path& folder);
    ~store(); ///< waits for what is under way

    /// The jobs that are not final, oldest first. Blocking: for the start only.
    [[nodiscard]] result<std::vector<job>> unfinished();

    /// Writes a new row and returns its id: when this returns, the row is on disk. `id` of the
    /// argument is ignored. With a key, both are written or neither; what the key stood for is
    /// replaced.
    [[nodiscard]] boost::asio::awaitable<result<job_id>> insert(
        job what, std::optional<request_key> key = {});

    /// What was started under this key of this scope, unless that was before `since` or retention
    /// took the job.
    [[nodiscard]] boost::asio::awaitable<result<std::optional<keyed_job>>> find_keyed(
        request_key key, wall_time since);

    /// Replaces the row. Refuses (`conflict`) to change a final one; `not_found` when there is
    /// none.
    [[nodiscard]] boost::asio::awaitable<result<>> update(job what);

    /// Whether a new row would find its place: the file is there and may be written, and so is the
    /// reserve. Writes nothing. Fails with `unusable_state`.
    [[nodiscard]] boost::asio::awaitable<result<>> check();

    /// None when there is no such row.
    [[nodiscard]] boost::asio::awaitable<result<std::optional<job>>> find(job_id id);

    /// Newest first.
    [[nodiscard]] boost::asio::awaitable<result<std::vector<job>>> list(job_filter filter);

    /// Another number after each change of a job's row that was asked for. What was read between two
    /// equal ones is what is there.
    [[nodiscard]] std::uint64_t revision() const;

    /// The highest id ever given; 0 before the first.
    [[nodiscard]] boost::asio::awaitable<result<job_id>> last_id();

    [[nodiscard]] boost::asio::awaitable<result<>> audit(audit_entry entry);
    /// Newest first.
    [[nodiscard]] boost::asio::awaitable<result<std::vector<audit_record>>> audit_trail(
        audit_filter filter);

    /// How far the schedule of this name has come; none when nothing is remembered.
    [[nodiscard]] boost::asio::awaitable<result<std::optional<schedule_memory>>> recall(
        std::string schedule);
    /// Replaces what was remembered under its name.
    [[nodiscard]] boost::asio::awaitable<result<>> remember(schedule_memory what);
    /// What is remembered of schedules that are not among these, pauses too; their runs stay.
    [[nodiscard]] boost::asio::awaitable<result<>> forget_all_but(
        std::vector<std::string> schedules);

    /// Writes what became of a due time, and raises what is remembered as covered up to it, both or
    /// neither. `conflict`, and nothing is written, when that due time is covered already or has a
    /// run.
    [[nodiscard]] boost::asio::awaitable<result<>> settle_run(schedule_run what);

    /// The same with a new job, whose id becomes the run's. The new job takes the place of
    /// `superseded`, if there is one: see supersede(). All or nothing.
    [[nodiscard]] boost::asio::awaitable<result<job_id>> insert_scheduled(
        job what, schedule_run as, std::optional<job> superseded = {});

    /// Ends the job `waited` for the one that takes its place; the runs that it stood for are
    /// superseded, and that job stands in for them. Both or neither. Fails as update() does.
    [[nodiscard]] boost::asio::awaitable<result<>> supersede(job waited, job by, wall_time now);

    [[nodiscard]] boost::asio::awaitable<result<std::vector<schedule_pause>>> pauses();
    /// One that is paused already stays as it is.
    [[nodiscard]] boost::asio::awaitable<result<>> pause(schedule_pause what);
    /// Ends a pause. What was due by then and has no row yet is settled first, as settle_run()
    /// does.
    [[nodiscard]] boost::asio::awaitable<result<>> resume(
        std::string schedule, std::optional<schedule_run> passed);

    /// Newest due time first; `limit` is 1..500.
    [[nodiscard]] boost::asio::awaitable<result<std::vector<schedule_run>>> schedule_runs(
        std::string schedule, int limit);

    /// The youngest time on record, of jobs and of the audit trail; none in an empty store.
    [[nodiscard]] boost::asio::awaitable<result<std::optional<wall_time>>> newest_time();
    /// The final jobs that ended before a time, those that ended longest ago first.
    [[nodiscard]] boost::asio::awaitable<result<retention_page>> ended_before(
        wall_time before, retention_cursor after, int limit);
    /// The final jobs whose logs are there and not empty, the lowest ids first.
    [[nodiscard]] boost::asio::awaitable<result<retention_page>> with_logs(job_id after, int limit);
    /// Removes final jobs: their logs first, then their rows. From then on they are gone.
    [[nodiscard]] boost::asio::awaitable<result<>> remove_jobs(std::vector<job_id> ids);
    /// Removes the logs of final jobs, and then says so in their rows.
    [[nodiscard]] boost::asio::awaitable<result<>> remove_logs(
        std::vector<job_id> ids, wall_time now);
    /// Removes entries of the audit trail and runs of schedules that were written before a time, at
    /// most `limit` of each; returns how many.
    [[nodiscard]] boost::asio::awaitable<result<std::int64_t>> remove_records(
        wall_time before, int limit);
    /// Removes the oldest refusals of strangers that are more than `keep`, at most `limit` of them;
    /// returns how many.
    [[nodiscard]] boost::asio::awaitable<result<std::int64_t>> remove_refusals(
        std::int64_t keep, int limit);

  private:
    struct state;
    explicit store(std::unique_ptr<state> s);
    std::unique_ptr<state> state_;
};

} // namespace restpoint::jobs
