// Jobs on the wire. The names stand in the design and clients rely on them: fields may be added,
// never renamed. What is absent is null.
#pragma once

#include "jobs/job.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace restpoint::api {

/// backup | stanza-create | check | verify | expire.
[[nodiscard]] std::string_view wire_name(jobs::job_kind kind);
[[nodiscard]] std::optional<jobs::job_kind> kind_from_wire(std::string_view name);

/// One job. `now` is what the rate of a running one is counted to.
[[nodiscard]] std::string job_json(const jobs::job& what, wall_time now);

/// {"jobs": […], "next_cursor": …}; `next` is none at the end of the list.
[[nodiscard]] std::string job_list_json(
    std::span<const jobs::job> list, std::optional<jobs::job_id> next, wall_time now);

} // namespace restpoint::api
