// What the parts of the keeper share. Internal to schedule.
#pragma once

#include "base/bell.hpp"
#include "schedule/keeper.hpp"
#include "schedule/planner.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace restpoint::schedule {

/// A definition and how far it has come.
struct kept {
    definition what;
    wall_time since;                       ///< known from then on: what was due before is not its
    std::optional<wall_time> covered = {}; ///< none until the store has been asked
    bool remembered = false;               ///< the store has `covered`, or a later time
    bool waits = false;                    ///< something is due and could not be done yet
    std::string told = {};                 ///< the trouble that the log has heard of
    std::string trouble = {};              ///< why the run that is due has not begun
    std::optional<wall_time> won = {};     ///< claimed in the repo, and not run yet
};

/// A run that is to begin.
struct due_run {
    kept* of = nullptr; ///< stays where it is for the length of one round
    wall_time due = {};
    bool late = false;
};

/// A run of this round that another machine has.
struct left_run {
    std::string schedule = {};
    jobs::job_kind kind = jobs::job_kind::backup;
    claim_answer to = {};
};

enum class settled {
    not_yet, ///< the store refuses: the due time stays open
    before,  ///< it has a row already, which stays
    now
};

struct keeper::state {
    state(boost::asio::any_io_executor executor, jobs::service& j, jobs::store& r, keeper_options o)
        : jobs(j), rows(r), options(std::move(o)), changed(std::move(executor)) {}

    [[nodiscard]] boost::asio::awaitable<void> run();

    // keeper_round.cpp
    /// Does what is due at this moment, for every schedule.
    [[nodiscard]] boost::asio::awaitable<void> round();
    /// Settles what of `one` is not to be run, and gives what is.
    [[nodiscard]] boost::asio::awaitable<std::optional<due_run>> look_at(kept& one);
    [[nodiscard]] boost::asio::awaitable<std::optional<due_run>> answer(kept& one, decision made);
    /// Learns how far `one` has come. False when the store does not say.
    [[nodiscard]] boost::asio::awaitable<bool> know(kept& one);
    [[nodiscard]] boost::asio::awaitable<server_role> role_for(const kept& one);

    // keeper_runs.cpp
    [[nodiscard]] boost::asio::awaitable<void> begin(due_run run);
    [[nodiscard]] boost::asio::awaitable<void> submit(due_run run);
    [[nodiscard]] boost::asio::awaitable<void> fail(due_run run, std::string why);
    [[nodiscard]] boost::asio::awaitable<void> stand_by(
        kept& one, wall_time due, std::string left_to = {});
    [[nodiscard]] boost::asio::awaitable<settled> miss(
        kept& one, missed_runs missed, std::string reason);
    /// Writes what became of a due time that is not to be a job.
    [[nodiscard]] boost::asio::awaitable<settled> settle(kept& one, jobs::schedule_run as);
    /// What was due by `now` and has not begun, perhaps since its jitter held it back, has nobody
    /// left to begin it.
    [[nodiscard]] boost::asio::awaitable<void> leave(kept& old, wall_time now);

    // keeper_claims.cpp
    /// Whether the run is this machine's, and may still begin. Otherwise it has been seen to, or is
    /// looked at again.
    [[nodiscard]] boost::asio::awaitable<bool> is_ours(due_run run);
    [[nodiscard]] boost::asio::awaitable<bool> win(due_run run);
    /// On a standby: whether somebody runs it. Until then the standby may yet be promoted.
    [[nodiscard]] boost::asio::awaitable<void> watch(kept& one, decision made);
    [[nodiscard]] boost::asio::awaitable<bool> may_begin(due_run run);
    [[nodiscard]] boost::asio::awaitable<void> leave_to(
        due_run run, claim_answer other, std::string reason);

    // keeper_pauses.cpp
    /// Asks the store, unless it has been.
    [[nodiscard]] boost::asio::awaitable<result<>> load_pauses();
    /// None when it is not paused, or not known to be.
    [[nodiscard]] const jobs::schedule_pause* pause_of(const std::string& schedule) const;
    [[nodiscard]] boost::asio::awaitable<void> stay_paused(
        kept& one, wall_time due, jobs::schedule_pause why);
    /// The newest due time whose start has come and that has no row yet.
    [[nodiscard]] boost::asio::awaitable<result<std::optional<wall_time>>> passed_by(
        std::string schedule);
    /// `first` and the runs behind it, of a schedule that is kept.
    [[nodiscard]] std::vector<upcoming> runs_from(const upcoming& first, int most) const;

    // keeper.cpp
    [[nodiscard]] boost::asio::awaitable<void> apply_replacement();
    [[nodiscard]] boost::asio::awaitable<void> forget_others();

    void cover(kept& one, wall_time due);
    /// Tells the log, once until it is over or something else is wrong.
    void tell(
        kept& one, const std::string& message, const std::string& error,
        std::optional<wall_time> due = {});
    [[nodiscard]] wall_time wake_at() const;

    jobs::service& jobs;
    jobs::store& rows;
    keeper_options options;
    bell changed;
    std::vector<kept> all = {};
    /// By the names of schedules; none until the store has been asked.
    std::optional<std::map<std::string, jobs::schedule_pause>> pauses = {};
    std::optional<std::vector<definition>> replacement = {};
    wall_time replaced_at = {};            ///< when the first replacement came that is not applied
    bool others_to_forget = false;         ///< the store may remember names that are gone
    std::optional<role_answer> role = {};  ///< asked once a round
    std::vector<jobs::job> stand_ins = {}; ///< the jobs that this round has begun
    std::vector<left_run> left_runs = {};  ///< what it has left to others
};

} // namespace restpoint::schedule
