// The job that a schedule asks for. Pure.
#pragma once

#include "jobs/job.hpp"
#include "schedule/definition.hpp"

#include <string>

namespace restpoint::schedule {

[[nodiscard]] jobs::job_kind kind_of(action what);

/// What a run of the schedule does to this stanza.
[[nodiscard]] jobs::job_spec job_of(const definition& what, std::string stanza);

} // namespace restpoint::schedule
