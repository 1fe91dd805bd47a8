#include "jobs/backup_behind.hpp"

#include <algorithm>
#include <string_view>

namespace restpoint::jobs {
namespace {

constexpr std::string_view behind = "after job ";

} // namespace

std::string behind_restore(job_id restore) {
    return std::string(behind) + std::to_string(restore);
}

bool follows_restore(const job& what) {
    return what.spec.kind == job_kind::backup && what.requested_by.starts_with(behind);
}

bool is_backup_owed(
    const job& restore, job_id newest, std::span<const job> backups, wall_time now) {
    if (now - restore.finished.value_or(now) > owed_for) {
        return false;
    }
    return std::ranges::none_of(backups, [&](const job& one) {
        if (one.spec.kind != job_kind::backup || one.id < restore.id) {
            return false;
        }
        if (one.state == job_state::cancelled) {
            return !follows_restore(one) || one.id > newest;
        }
        const bool has_failed =
            one.state == job_state::failed || one.state == job_state::interrupted;
        return !has_failed || now - one.finished.value_or(now) < before_next_attempt;
    });
}

} // namespace restpoint::jobs
