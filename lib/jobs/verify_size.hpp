// How much a verification reads: what pgBackRest does not say, the catalogue and the archive's
// listing do. Pure.
#pragma once

#include "backrest/info.hpp"
#include "jobs/job.hpp"
#include "jobs/window_answer.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace restpoint::jobs {

/// Bytes of one repo, the named one or the first, as they lie there. None where something of it is
/// not known.
[[nodiscard]] std::optional<std::uint64_t> bytes_to_verify(
    const job_spec& what, std::span<const backrest::stanza_info> stanzas,
    const window_answer& archives);

} // namespace restpoint::jobs
