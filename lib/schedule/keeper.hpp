// Keeps the schedules: looks at the wall clock, asks the planner what is to be done, and does it,
// once for each due time, whatever the clock, the machine and the store are up to. What has been
// done is in the store before it counts as done.
//
// It sleeps in short stretches and looks at the clock after each, so that a clock that is set, or a
// machine that slept, neither skips a run nor repeats one.
//
// Of the runs of one kind that are due at the same moment, one is enough: the strongest backup type
// becomes a job, and stands in for the others. What comes later and has to wait is merged by
// jobs::service by the same rule.
#pragma once

#include "jobs/service.hpp"
#include "schedule/claimant.hpp"
#include "schedule/definition.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::schedule {

/// What PostgreSQL beside us is.
enum class server_role {
    primary,
    standby,
    unknown ///< it does not answer
};

struct role_answer {
    server_role role = server_role::unknown;
    std::string why = {}; ///< of unknown: what PostgreSQL or its socket said
};

struct keeper_options {
    std::string stanza = {};
    std::function<wall_time()> now = [] { return std::chrono::system_clock::now(); };
    /// Between two looks at the clock, and before what could not be done is tried again.
    std::chrono::milliseconds longest_sleep{15000};
    std::uint64_t jitter_seed = 0; ///< differs between machines that share schedules
    /// Asked when a run is due that belongs on the primary; has a deadline of its own.
    std::function<boost::asio::awaitable<role_answer>()> role;
    /// Asked before a run begins of a schedule with `claim`; may take its time.
    std::function<boost::asio::awaitable<claim_answer>(definition what, wall_time due)> claim;
    /// Asked on a standby: the machine that has claimed such a run, if one has.
    std::function<boost::asio::awaitable<result<std::optional<std::string>>>(
        definition what, wall_time due)>
        claimed;
};

struct upcoming {
    std::string schedule = {};
    wall_time due = {};   ///< in the past while the run waits for something
    wall_time start = {}; ///< `due` and its jitter

    friend bool operator==(const upcoming&, const upcoming&) = default;
};

/// What there is to know of a schedule.
struct standing {
    std::vector<upcoming> next = {};           ///< none while it is paused
    std::vector<jobs::schedule_run> last = {}; ///< newest due time first
    std::optional<jobs::schedule_pause> paused = {};
};

class keeper {
  public:
    /// The service and the store outlive it.
    keeper(
        boost::asio::any_io_executor executor, jobs::service& jobs, jobs::store& rows,
        keeper_options options);
    ~keeper();

    /// From now on these definitions hold, with a name for each. What is due at this moment by the
    /// old ones is still carried out; of two replacements in a row the later counts.
    void replace(std::vector<definition> definitions);

    /// Ends by cancellation only; the keeper outlives it.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// From now on, and after a restart too, runs of this schedule are left out as they come due,
    /// each with a row that says so. A run that has begun goes on, and so does one that waits as a
    /// job. Paused already: stays so. When this returns, it is on disk.
    [[nodiscard]] boost::asio::awaitable<result<>> pause(std::string schedule, std::string by);

    /// Ends a pause; good also without one. What came due meanwhile is not made up for.
    [[nodiscard]] boost::asio::awaitable<result<>> resume(std::string schedule);

    /// At most so many runs to come and runs that were, of a schedule whatever its name.
    [[nodiscard]] boost::asio::awaitable<result<standing>> standing_of(
        std::string schedule, int next, int last);

    /// The next run of each schedule, as if none were paused, in the order of the definitions.
    [[nodiscard]] std::vector<upcoming> next_runs() const;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace restpoint::schedule
