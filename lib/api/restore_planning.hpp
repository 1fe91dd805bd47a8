// A plan of a restore from what is known now: the repos, the server, the disk. Internal to api.
#pragma once

#include "api/api.hpp"
#include "base/result.hpp"
#include "restore/plan.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace restpoint::api {

struct planned {
    restore::plan made = {};
    std::string digest = {}; ///< SHA-256 of its essence, in hex
};

/// Looks at all of it anew. Fails where nothing can be said of the repos (`unavailable`,
/// `timed_out`): a plan of what was known an hour ago would be none.
[[nodiscard]] boost::asio::awaitable<result<planned>> plan_restore(
    api_context& context, restore::plan_request asked);

} // namespace restpoint::api
