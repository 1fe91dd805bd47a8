// Jobs on the wire. The names stand in the design and clients rely on them: fields may be added,
// never renamed. What is absent is null.
#pragma once

#include "jobs/job.hpp"

#include <optional>
#include <span>
#include <string>

namespace restpoint::api {

/// One job. `now` is what the rate of a running one is counted to.
[[nodiscard]] std::string job_json(const jobs::job& what, wall_time now);

/// What `progress` is in it: an object, or null.
[[nodiscard]] std::string progress_json(const jobs::job& what, wall_time now);

/// {"jobs": […], "next_cursor": …}; `next` is none at the end of the list.
[[nodiscard]] std::string job_list_json(
    std::span<const jobs::job> list, std::optional<jobs::job_id> next, wall_time now);

} // namespace restpoint::api
