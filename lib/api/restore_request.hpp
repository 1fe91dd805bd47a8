// What starts a restore, takes one back or gives its undo up: the requests, and which job they may
// be about. Pure.
#pragma once

#include "base/result.hpp"
#include "base/time_text.hpp"
#include "jobs/job.hpp"
#include "jobs/service.hpp"
#include "restore/plan.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace restpoint::api {

struct restore_request {
    std::string plan = {};                ///< its id
    std::string digest = {};              ///< of the plan that was read
    std::optional<restore::way> how = {}; ///< which must be the plan's
};

/// {"plan": "…", "digest": "…", "confirm": "STANZA", "way": "beside"}, of which only the way may be
/// left out. Fails with `invalid`, also where `confirm` is not `stanza`.
[[nodiscard]] result<restore_request> parse_restore_request(
    std::string_view body, std::string_view stanza);

/// {"confirm": "STANZA", "queue": true}, of which the latter may be left out: it waits for a job in
/// the way. Fails with `invalid`.
[[nodiscard]] result<jobs::when_busy> parse_confirmation(
    std::string_view body, std::string_view stanza);

/// What is known of restores when one of them is to be undone or forgotten.
struct restore_history {
    const jobs::job& of;               ///< the one that is meant
    std::span<const jobs::job> others; ///< restores, undos and forgets that succeeded
    wall_time now = {};
};

/// The order of the job that undoes it, as text; `what` is undo or forget. Fails with `conflict`
/// where it is no restore that succeeded, was undone or forgotten already, or (undo) where a newer
/// restore has replaced its cluster.
[[nodiscard]] result<std::string> order_after_restore(
    jobs::job_kind what, const restore_history& history);

/// Whether `one` did `what` (undo, forget) to the restore whose work lies in `folder`.
[[nodiscard]] bool is_about(const jobs::job& one, jobs::job_kind what, const std::string& folder);

} // namespace restpoint::api
