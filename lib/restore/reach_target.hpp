// From the backup sets of a timeline to the target: which of them can get there, and what stands in
// the way. Internal to restore. Pure.
#pragma once

#include "restore/choose_set.hpp"

#include <string_view>
#include <vector>

namespace restpoint::restore {

/// Where a choice stands once its timeline is known.
struct ground {
    const jobs::archive_answer* archive = nullptr;
    const backrest::timeline_window* window = nullptr;
    /// That may serve, the oldest first; never empty.
    std::vector<const backrest::wal_stretch*> stretches = {};

    /// The set of this archive with that label; null without one.
    [[nodiscard]] const backrest::backup_info* backup(
        const plan_facts& facts, std::string_view label) const;
};

/// Completes `found` by the set and the WAL, or by a refusal.
void reach_target(
    const plan_request& asked, const plan_facts& facts, const ground& on, choice& found);

} // namespace restpoint::restore
