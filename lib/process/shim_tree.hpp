// The child of a shim and all that descends from it: started, listened to, stopped, reaped.
//
// Who has made a session of its own and let go of the job's lock does not belong to the tree any
// more, though it is our child once its parents have ended: the PostgreSQL server that a restore
// has started. It is neither waited for nor signalled, and outlives the shim. That needs no word
// from the one who starts it, which a kill -9 could cut off: spawn() makes the session and closes
// the lock before the program runs, and until then the process is one of the tree.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "process/exit_report.hpp"
#include "process/shim.hpp"
#include "process/shim_claim.hpp"
#include "process/shim_log.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <vector>

namespace restpoint::process {

/// Use once, in a process that is a child subreaper and has no children of other origin.
class shim_tree {
  public:
    shim_tree(const shim_options& options, int signals, shim_log& log)
        : options_(options), signals_(signals), log_(log) {}

    /// Starts the child, which inherits the lock. Fails as spawn() does.
    [[nodiscard]] result<> start(const shim_claim& claim);

    /// Returns when the last process is gone and its last byte taken. `signals` is of
    /// open_signals().
    void follow();

    /// Fills in how the leader ended, neither code nor signal if nobody saw it, and what the tree
    /// has used.
    void describe(exit_report& report) const;

  private:
    using clock = std::chrono::steady_clock;

    [[nodiscard]] int timeout() const;
    void take_signals();
    void take_output(int most_reads);
    void reap();
    void stop_the_rest();
    void look_for_rest();
    void stop(pid_t child, int signal);
    [[nodiscard]] bool belongs_to_us(pid_t child) const;

    const shim_options& options_;
    int signals_;
    shim_log& log_;
    std::filesystem::path lock_ = {};
    unique_fd output_ = {};
    std::vector<char> buffer_ = std::vector<char>(128U << 10U);

    pid_t leader_ = 0; ///< and its group; ours to name until leader_status_ is set
    std::optional<int> leader_status_ = {};
    bool over_ = false;
    bool killing_ = false;
    bool group_told_ = false;
    clock::time_point kill_at_ = clock::time_point::max();
    clock::time_point look_at_ = clock::time_point::min();
    std::set<pid_t> told_ = {}; ///< that outlived the leader, got TERM, and are not reaped yet
    std::uint64_t orphans_ = 0;
};

} // namespace restpoint::process
