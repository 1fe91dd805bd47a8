// Jobs, from the outside: ask for one, look at it, wait for it, cancel it. Owns the runs; what is
// durable is in the store.
#pragma once

#include "backrest/version.hpp"
#include "base/result.hpp"
#include "base/task_group.hpp"
#include "jobs/info_cache.hpp"
#include "jobs/job.hpp"
#include "jobs/log_hub.hpp"
#include "jobs/request_key.hpp"
#include "jobs/store.hpp"
#include "jobs/window_answer.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::jobs {

/// What happens when the request comes second.
enum class when_busy {
    refuse, ///< 409 with the job in the way
    join,   ///< the identical unfinished job is the answer; another is refused
    queue   ///< waits its turn
};

struct submission {
    job what;
    bool joined = false; ///< it was there already
};

/// The due time of a schedule that a job is to be submitted for.
struct scheduled {
    std::string schedule = {};
    wall_time due = {};
    bool late = false; ///< caught up on after its time
};

struct scheduled_answer {
    run_outcome outcome = run_outcome::started; ///< started | superseded
    job what = {}; ///< the job of its own, or the one that stands in for it
};

/// Why a job was not taken on; `blocked_by` names the job in the way, where there is one.
struct rejection {
    failure why;
    std::optional<job_id> blocked_by = {};
    /// The job that another request started under the same key.
    std::optional<job_id> key_of = {};
};

/// What the child of a job of our own work is and says.
struct own_work {
    /// What the shim runs; called before each start. Fails when it cannot be made ready.
    std::function<result<std::vector<std::string>>(const job&)> argv = {};
    /// Whether the work is neither done nor undone: then it is taken up again, however often its
    /// child is killed.
    std::function<bool(const job&)> is_open = {};
    /// Whether it is on record that the work is done or undone. A child that was killed before it
    /// told is followed by another one, which only tells.
    std::function<bool(const job&)> is_settled = {};
    /// What the child left when it ended.
    struct last_words {
        std::optional<backrest::command_error> error = {};
        std::string report = {}; ///< a JSON object, or empty
    };
    std::function<last_words(const job&)> last_words_of = {};
    std::vector<std::string> environment = {}; ///< the whole of it
};

struct service_options {
    backrest::invocation invocation = {};      ///< its stanza is replaced by each job's
    std::vector<std::string> environment = {}; ///< the whole environment of children
    std::filesystem::path program = {};        ///< restpoint's own binary, for the shim
    std::filesystem::path jobs_folder = {};
    std::chrono::milliseconds stop_grace{20000}; ///< between TERM and KILL
    std::size_t max_unfinished = 64; ///< running and queued; who comes beyond that is refused
    /// What `info` says, perhaps some seconds ago. None: nobody is asked how far a backup is.
    std::function<boost::asio::awaitable<result<std::shared_ptr<const info_answer>>>()> info = {};
    /// What lies in the archive. None: nobody is asked how much there is to verify.
    std::function<boost::asio::awaitable<result<std::shared_ptr<const window_answer>>>()> window =
        {};
    /// What backups leave out, as pgBackRest's --exclude takes it. None: nothing.
    std::function<std::vector<std::string>()> left_out = {};
    /// Why nothing of the repo may be removed now; an empty text when it may. None: it may.
    std::function<std::string()> expiry_held = {};
    own_work own = {};                                 ///< without it jobs of such kinds fail
    std::chrono::milliseconds ask_sizes_every{15000};  ///< while a backup runs
    std::chrono::milliseconds count_reads_every{1000}; ///< of a backup's or verify's workers
};

/// What to do with running jobs when the service stops.
enum class on_stop { leave, stop };

class service {
  public:
    service(
        boost::asio::any_io_executor executor, store& rows, log_hub& logs, service_options options);
    ~service();

    /// What the pgbackrest that is there can do; nothing special until this is called.
    void use_features(backrest::features those);

    /// Takes up the jobs that an earlier restpoint left: follows living shims, judges ended ones,
    /// starts queued ones.
    [[nodiscard]] boost::asio::awaitable<result<>> adopt();

    /// When this returns a job, its row is on disk, and with it the key. The same key again gives
    /// the same job, whatever has become of it, or is rejected when its digest is another one. Keys
    /// are for jobs of one's own: `mode` is not join.
    [[nodiscard]] boost::asio::awaitable<boost::system::result<submission, rejection>> submit(
        job_spec what, std::string requested_by, when_busy mode,
        std::optional<request_key> key = {});

    /// What submit() would answer by this key alone; none: it is new.
    [[nodiscard]] boost::asio::awaitable<
        std::optional<boost::system::result<submission, rejection>>>
    recognise(request_key key);

    /// A job for a due time, queued when another is in its way. When this returns an answer, the
    /// run's row is on disk and the due time is covered. Rejected with `conflict`, and nothing was
    /// done, when it was covered already; the other rejections leave it uncovered: ask again.
    [[nodiscard]] boost::asio::awaitable<boost::system::result<scheduled_answer, rejection>>
    submit_scheduled(job_spec what, scheduled why);

    /// `not_found` for an id never given, `gone` for one that retention took.
    [[nodiscard]] boost::asio::awaitable<result<job>> find(job_id id);
    [[nodiscard]] boost::asio::awaitable<result<std::vector<job>>> list(job_filter filter);

    /// store::revision().
    [[nodiscard]] std::uint64_t revision() const;
    /// Whether no job is queued or runs: then list() gives what the rows say, and the same again
    /// for as long as revision() is the same.
    [[nodiscard]] bool is_idle() const;

    /// Asks the job to stop; returns at once with the job as it is. `conflict` when it is final.
    [[nodiscard]] boost::asio::awaitable<result<job>> cancel(job_id id, std::string requested_by);

    /// The job once it is final, or as it stands when `deadline` has passed (none: waits for ever).
    [[nodiscard]] boost::asio::awaitable<result<job>> wait(
        job_id id, std::optional<std::chrono::milliseconds> deadline);

    /// A reader of the job's log; follows while the job is not final. Waits for a queued job to
    /// begin.
    [[nodiscard]] boost::asio::awaitable<result<std::unique_ptr<log_reader>>> open_log(
        job_id id, view how, std::uint64_t from, follow mode);

    /// The jobs that are not final now, oldest first.
    [[nodiscard]] std::vector<job> unfinished() const;

    /// Called on the loop when a job has come to its end and nobody can have seen that yet: who sees
    /// it and then asks what it changed must not be told what was known before.
    void on_ending(std::function<void()> call);

    /// Called on the loop after each job's last row was written.
    void on_finished(std::function<void(const job&)> call);

    /// From now on no job is taken on or begun, and wait() gives jobs as they stand: who waits can
    /// be told before the door is closed.
    void stop_accepting();

    /// Implies stop_accepting(). Running jobs are left alone or stopped (TERM, KILL after `grace`);
    /// returns when nothing of ours runs on this loop any more, two seconds after a useless KILL at
    /// the latest.
    [[nodiscard]] boost::asio::awaitable<void> shut_down(
        on_stop running, std::chrono::milliseconds grace);

  private:
    struct state;
    std::shared_ptr<state> state_;
};

[[noreturn]] void throw_exception_from_error(
    const rejection& what, const boost::source_location& where);

} // namespace restpoint::jobs
