// What became of restores: undone, or what that needs given up. And restpoint's own backup after one,
// which stands in nobody's way. Internal to api.
#pragma once

#include "api/api.hpp"
#include "base/result.hpp"
#include "http/request.hpp"
#include "jobs/job.hpp"
#include "jobs/service.hpp"

#include <boost/asio/awaitable.hpp>

#include <span>
#include <string>
#include <vector>

namespace restpoint::api {

/// The newest restores, undos and forgets that succeeded.
[[nodiscard]] boost::asio::awaitable<result<std::vector<jobs::job>>> list_restores(
    api_context& context);

/// The report of a job with `undone_by`, the id of a job, and `forgotten` in it; what leads nowhere
/// any more (`previous`, `reversible_until`) is null then. Of what is no restore as it is. Pure.
[[nodiscard]] std::string report_with_fate(
    const jobs::job& what, std::span<const jobs::job> others);

/// Tells it of those among `all` that are restores.
[[nodiscard]] boost::asio::awaitable<void> add_fates(
    api_context& context, std::vector<jobs::job>& all);

/// Who restores again or undoes a restore on a bad day does not wait for the backup that restpoint
/// has queued behind the last one: it is cancelled, since another will follow. What the job that
/// comes does where something is in its way still.
[[nodiscard]] boost::asio::awaitable<jobs::when_busy> make_way(
    api_context& context, const http::request& asked, jobs::when_busy mode);

} // namespace restpoint::api
