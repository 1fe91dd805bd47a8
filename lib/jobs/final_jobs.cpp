#include "jobs/final_jobs.hpp"

#include <utility>

namespace restpoint::jobs {

const job* final_jobs::find(job_id id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) {
        return nullptr;
    }
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    return &by_use_.front();
}

void final_jobs::put(job read, std::uint64_t removals_before) {
    if (!is_final(read.state) || removals_before != removals_ || by_id_.contains(read.id)) {
        return;
    }
    by_use_.push_front(std::move(read));
    by_id_.emplace(by_use_.front().id, by_use_.begin());
    if (by_use_.size() > most_) {
        by_id_.erase(by_use_.back().id);
        by_use_.pop_back();
    }
}

void final_jobs::remove(std::span<const job_id> ids) {
    ++removals_;
    for (const auto id : ids) {
        if (const auto found = by_id_.find(id); found != by_id_.end()) {
            by_use_.erase(found->second);
            by_id_.erase(found);
        }
    }
}

} // namespace restpoint::jobs
