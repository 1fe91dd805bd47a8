// Keeps the state directory from growing for ever: performs what retention.hpp decides, a little at
// a time, so that neither the loop nor the store's thread is held for long, however much there is
// to do.
#pragma once

#include "base/bell.hpp"
#include "base/result.hpp"
#include "jobs/clock_trust.hpp"
#include "jobs/log_hub.hpp"
#include "jobs/retention.hpp"
#include "jobs/store.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::jobs {

struct housekeeping_options {
    retention_policy keep = {};
    std::chrono::milliseconds every{std::chrono::hours{1}};
    std::chrono::milliseconds settle{5000}; ///< after the end of a job: others may end, too
    std::chrono::milliseconds pause{20};    ///< between two batches
    int page = 256;                         ///< how many jobs are looked at together
    std::function<wall_time()> now = [] { return std::chrono::system_clock::now(); };
    /// How long a clock that stepped must go on evenly before anything is removed for its age.
    std::chrono::milliseconds believe_after{std::chrono::hours{1}};
};

/// What one round took away.
struct tidied {
    std::size_t jobs = 0;
    std::size_t logs = 0; ///< of jobs whose rows stayed
    std::uint64_t log_bytes = 0;
    std::int64_t records = 0; ///< of the audit trail and of schedules

    friend bool operator==(const tidied&, const tidied&) = default;
};

class housekeeper {
  public:
    housekeeper(
        boost::asio::any_io_executor executor, store& rows, log_hub& logs,
        housekeeping_options options);

    /// A round now, every so often, and after job_ended(). A round that fails is said once and done
    /// again with the next. Ends by cancellation only.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// One round: the logs and the refusals that are too many, and what is too old while the clock can
    /// be believed.
    /// What was taken away before a failure stays away.
    [[nodiscard]] boost::asio::awaitable<result<tidied>> tidy();

    /// There may be something to take away.
    void job_ended();

    /// Holds from the next page on.
    void replace(retention_policy keep);

  private:
    [[nodiscard]] boost::asio::awaitable<result<bool>> believes_clock();
    [[nodiscard]] boost::asio::awaitable<result<>> remove_what_is_old(tidied& done);
    [[nodiscard]] boost::asio::awaitable<result<>> remove_old_jobs(tidied& done);
    [[nodiscard]] boost::asio::awaitable<result<>> remove_excess_logs(tidied& done);
    [[nodiscard]] boost::asio::awaitable<result<>> remove_old_records(tidied& done);
    [[nodiscard]] boost::asio::awaitable<result<>> remove_excess_refusals(tidied& done);
    enum class rows_then { stay, go };
    /// The logs of these jobs, and their rows or not, batch by batch.
    [[nodiscard]] boost::asio::awaitable<result<>> remove(
        std::vector<kept_job> which, rows_then what, tidied& done);
    [[nodiscard]] boost::asio::awaitable<void> pause();
    void tell(const result<tidied>& round);

    boost::asio::any_io_executor executor_;
    store& rows_;
    log_hub& logs_;
    housekeeping_options options_;
    bell woken_;
    bool wanted_ = false;
    bool doubted_ = false;                  ///< the clock, and the log has heard of it
    std::optional<clock_trust> clock_ = {}; ///< once the store has been asked
    std::string complaint_ = {};            ///< what was said last, so that it is said once
};

} // namespace restpoint::jobs
