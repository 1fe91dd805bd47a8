// How long restores took, as the rows of their jobs tell: what the next one is expected to take.
// Pure.
#pragma once

#include "backrest/info.hpp"
#include "jobs/job.hpp"
#include "restore/plan.hpp"

#include <span>
#include <vector>

namespace restpoint::api {

/// Of those that succeeded. The bytes are those of the set, where the stanza still has it.
[[nodiscard]] std::vector<restore::earlier_restore> earlier_restores(
    std::span<const jobs::job> all, const backrest::stanza_info& stanza);

} // namespace restpoint::api
