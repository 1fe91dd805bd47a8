// The jobs that are not final, in memory: what the service and its coroutines share. Internal to
// jobs.
#pragma once

#include "base/bell.hpp"
#include "base/task_group.hpp"
#include "jobs/conclusion.hpp"
#include "jobs/exclusion.hpp"
#include "jobs/log_hub.hpp"
#include "jobs/service.hpp"
#include "jobs/store.hpp"
#include "process/job_process.hpp"
#include "process/stop_ladder.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

namespace restpoint::jobs {

struct run {
    run(boost::asio::any_io_executor executor, job j)
        : what(std::move(j)), changed(std::move(executor)) {}

    job what;
    bell changed;
    std::unique_ptr<process::job_process> process = {};
    bool followed = false;                           ///< its log is read for its progress
    std::optional<std::uint64_t> assumed_total = {}; ///< bytes to read, as others tell
    int attempts = 0;                                ///< of work of our own, in this process
    bool begun = false; ///< its turn has come: it waits for nobody any more
    bool held = false;  ///< it is being decided whether another takes its place
    stop_reason stopped = stop_reason::none;
    std::chrono::milliseconds grace{0}; ///< between TERM and KILL, once it is stopped
};

struct service::state : std::enable_shared_from_this<service::state> {
    state(boost::asio::any_io_executor ex, store& r, log_hub& l, service_options o)
        : executor(ex), rows(r), logs(l), options(std::move(o)), tasks(ex), changed(ex) {}

    boost::asio::any_io_executor executor;
    store& rows;
    log_hub& logs;
    service_options options;
    backrest::features features = {};
    task_group tasks;
    std::map<job_id, std::shared_ptr<run>> runs = {};
    bell changed; ///< a run began, ended or was taken off the list
    std::vector<std::function<void()>> ending_calls = {};
    std::vector<std::function<void(const job&)>> finished_calls = {};
    bool submitting = false; ///< one submission at a time, so that none overlooks another
    bool stopping = false;

    [[nodiscard]] std::vector<job> unfinished() const;
    /// Those of them that wait for their turn.
    [[nodiscard]] std::vector<job> waiting() const;
    [[nodiscard]] process::job_files files(job_id id) const;

    /// Takes away exit reports and locks of finished jobs: left when restpoint dies between a last
    /// row and its clean-up.
    void sweep_leftovers() const;

    /// Puts a job whose row is on disk among those that are seen through.
    std::shared_ptr<run> admit(job what);
    /// The same for a new one, and begins it or lets it wait.
    void take_on(job fresh);

    /// What is there already of a request: its job, or why it cannot be. None: it is new.
    boost::asio::awaitable<std::optional<boost::system::result<submission, rejection>>> recognise(
        request_key key);

    /// A due time for which a job that waits stands in.
    boost::asio::awaitable<boost::system::result<scheduled_answer, rejection>> give_way(
        job waits, schedule_run as);
    /// A scheduled job of its own, in the place of `superseded` where there is one.
    boost::asio::awaitable<boost::system::result<scheduled_answer, rejection>> start_scheduled(
        job fresh, schedule_run as, std::shared_ptr<run> superseded);
    /// Ends those of several waiting scheduled jobs that one stands in for.
    boost::asio::awaitable<void> merge_waiting();

    /// A job to its last row: from its place in the queue, or (taken up) from a shim that an
    /// earlier restpoint started. Whatever happens on the way, the job comes to an end.
    boost::asio::awaitable<void> see_through(std::shared_ptr<run> r, bool began);
    /// TERM, and after the grace time KILL, until the run is over.
    boost::asio::awaitable<void> climb_down(std::shared_ptr<run> r);
    /// Starts that ladder on a run whose processes are there.
    void stop(const std::shared_ptr<run>& r, stop_reason why, std::chrono::milliseconds grace);

  private:
    boost::asio::awaitable<void> perform(std::shared_ptr<run> r);
    boost::asio::awaitable<void> take_up(std::shared_ptr<run> r);
    boost::asio::awaitable<void> fail(std::shared_ptr<run> r, std::string defect);
    /// True when its turn has come; false when it is not to be begun any more.
    boost::asio::awaitable<bool> wait_for_turn(std::shared_ptr<run> r);
    /// From a start of its shim to its last row.
    boost::asio::awaitable<void> run_child(std::shared_ptr<run> r);
    boost::asio::awaitable<result<>> start(std::shared_ptr<run> r);
    boost::asio::awaitable<void> see_to_the_end(std::shared_ptr<run> r);
    /// Puts a job of which nothing was run back among those that wait. False: its row cannot be
    /// written.
    boost::asio::awaitable<bool> line_up_again(std::shared_ptr<run> r);
    void follow(const std::shared_ptr<run>& r);
    /// What the shim of a job is to run.
    result<std::vector<std::string>> argv_of(const job& what) const;
    /// Work of our own whose child was killed in the middle of it, or before it told how it ended:
    /// again, after a pause. False: it is over.
    boost::asio::awaitable<bool> goes_on(std::shared_ptr<run> r, bool has_told);
    boost::asio::awaitable<run_end> end_of(std::shared_ptr<run> r);
    boost::asio::awaitable<void> judge(std::shared_ptr<run> r, run_end how);
    boost::asio::awaitable<void> follow_progress(std::shared_ptr<run> r);
    boost::asio::awaitable<void> read_progress(std::shared_ptr<run> r);
    /// The same from `info`, where that tells the sizes of a running backup.
    boost::asio::awaitable<void> follow_sizes(std::shared_ptr<run> r);
    /// The same from what the workers of a backup or a verification have read.
    boost::asio::awaitable<void> follow_counters(std::shared_ptr<run> r);
    boost::asio::awaitable<void> measure_data(
        std::shared_ptr<run> r, std::filesystem::path data_directory);
    boost::asio::awaitable<void> measure_repo(std::shared_ptr<run> r);
    boost::asio::awaitable<void> finish(std::shared_ptr<run> r);
    boost::asio::awaitable<void> write_last_row(std::shared_ptr<run> r);
    /// The end of a job whose last row is on disk.
    void let_go(const std::shared_ptr<run>& r);
};

} // namespace restpoint::jobs
