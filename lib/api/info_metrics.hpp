// What pgBackRest says of its stanza, as figures: under the names that pgbackrest_exporter made
// known, with its labels, where they mean the same. Nothing is named after a backup set, so that
// the number of series does not grow. Pure.
#pragma once

#include "api/metrics_page.hpp"
#include "backrest/version.hpp"
#include "jobs/info_cache.hpp"
#include "jobs/job.hpp"

#include <optional>
#include <span>
#include <string>

namespace restpoint::api {

/// `said` is null when pgBackRest gave no answer at all. `unfinished` are our jobs: they know how
/// far a backup is where pgBackRest itself does not tell.
void add_info_metrics(
    metrics_page& page, const jobs::info_answer* said, const std::string& stanza,
    std::span<const jobs::job> unfinished, wall_time now);

/// 2.45 is 2045000; none is 0.
void add_version_metric(
    metrics_page& page, const std::optional<backrest::program_version>& version);

} // namespace restpoint::api
