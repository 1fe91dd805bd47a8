// A plan of a restore from what is known now: the repos, the server, the disk. Internal to api.
#pragma once

#include "api/api.hpp"
#include "base/result.hpp"
#include "http/reply.hpp"
#include "jobs/job.hpp"
#include "restore/plan.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <vector>

namespace restpoint::api {

struct planned {
    restore::plan made = {};
    std::string digest = {}; ///< SHA-256 of its essence, in hex
    /// What leads back to the end of the timeline that the server writes, or wrote.
    restore::plan back = {};
    backrest::stanza_info stanza = {};
    bool server_runs = false;
};

/// Looks at all of it anew. Fails where nothing can be said of the repos (`unavailable`,
/// `timed_out`): a plan of what was known an hour ago would be none.
[[nodiscard]] boost::asio::awaitable<result<planned>> plan_restore(
    api_context& context, restore::plan_request asked);

/// Why it is not carried out as it is: 422, with the first refusal; none when it is.
[[nodiscard]] std::optional<http::problem> cannot_be_carried_out(
    const planned& what, const restore_desk& desk);

enum class after_it { start, leave_stopped };

/// The job that carries it out. With `databases`, only these: all others of the cluster are emptied.
[[nodiscard]] jobs::job_spec restore_job(
    const api_context& context, const planned& what, after_it then,
    std::vector<std::string> databases = {});

} // namespace restpoint::api
