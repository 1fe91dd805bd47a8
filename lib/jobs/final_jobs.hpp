// The final jobs that were read last. Their rows do not change any more, except when retention
// takes them or their logs, so who asks for one again need not wait for the store's thread. Pure.
#pragma once

#include "jobs/job.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <span>

namespace restpoint::jobs {

class final_jobs {
  public:
    explicit final_jobs(std::size_t most) : most_(most) {}

    /// Null when it is not here. The pointer holds until the next put() or remove().
    [[nodiscard]] const job* find(job_id id);

    /// How often remove() was called. A read that began before a removal may bring back what is
    /// gone.
    [[nodiscard]] std::uint64_t removals() const { return removals_; }

    /// Keeps what was read, if it is final and nothing was removed since the read began.
    void put(job read, std::uint64_t removals_before);

    void remove(std::span<const job_id> ids);

  private:
    std::size_t most_;
    std::uint64_t removals_ = 0;
    std::list<job> by_use_; ///< the latest first
    std::map<job_id, std::list<job>::iterator> by_id_;
};

} // namespace restpoint::jobs
