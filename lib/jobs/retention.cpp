#include "jobs/retention.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace restpoint::jobs {

namespace {

constexpr std::size_t batch_jobs = 256;
constexpr std::uint64_t batch_bytes = 64U << 20U;

/// Somebody's cancelling says nothing about how the backups are.
bool tells_something(job_state state) {
    return is_final(state) && state != job_state::cancelled;
}

bool may_go(const kept_job& what, const std::set<job_id>& always) {
    return is_final(what.state) && !always.contains(what.id);
}

} // namespace

std::set<job_id> always_kept(std::span<const kept_job> jobs) {
    std::map<std::tuple<std::string_view, job_kind, job_state>, job_id> newest;
    for (const auto& one : jobs) {
        if (tells_something(one.state)) {
            auto& id = newest[{one.stanza, one.kind, one.state}];
            id = std::max(id, one.id);
        }
    }
    std::set<job_id> ids;
    for (const auto& [place, id] : newest) {
        ids.insert(id);
    }
    return ids;
}

wall_time kept_since(const retention_policy& policy, wall_time now) {
    return now - policy.keep_jobs;
}

std::vector<kept_job> jobs_to_remove(
    std::span<const kept_job> jobs, const std::set<job_id>& always, wall_time since) {
    std::vector<kept_job> go;
    std::ranges::copy_if(jobs, std::back_inserter(go), [&](const kept_job& one) {
        return may_go(one, always) && one.ended < since;
    });
    return go;
}

std::vector<kept_job> logs_to_remove(
    std::span<const kept_job> oldest_first, const std::set<job_id>& always, std::uint64_t excess) {
    std::vector<kept_job> go;
    for (const auto& one : oldest_first) {
        if (excess == 0) {
            break;
        }
        if (may_go(one, always) && one.log_bytes > 0) {
            excess -= std::min(excess, one.log_bytes);
            go.push_back(one);
        }
    }
    return go;
}

std::span<const kept_job> next_batch(std::span<const kept_job> jobs) {
    std::uint64_t bytes = 0;
    std::size_t count = 0;
    while (count < std::min(jobs.size(), batch_jobs)) {
        bytes += std::min(jobs[count].log_bytes, batch_bytes);
        if (count > 0 && bytes > batch_bytes) {
            break;
        }
        ++count;
    }
    return jobs.first(count);
}

failure removed_log(const job& what) {
    if (what.log_removed) {
        return {
            errc::gone,
            fmt::format(
                "the log of job {} was removed by retention at {}", what.id,
                rfc3339(*what.log_removed)),
            "state.keep_log_bytes says how much is kept of all logs together"};
    }
    return {
        errc::gone, fmt::format("the log of job {} is not there any more", what.id),
        "retention or somebody else removed it"};
}

} // namespace restpoint::jobs
