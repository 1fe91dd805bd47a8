// Waiting for the end of a job on behalf of a client. Holds nothing but the request that asked.
#pragma once

#include "api/api.hpp"
#include "base/result.hpp"
#include "http/request.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>

namespace restpoint::api {

/// The job once it is final, or as it stands when `limit` is over (none: no limit) or restpoint
/// stops; none when the client left first. Only this wait ends by that: what starts a job is
/// carried through whoever leaves.
[[nodiscard]] boost::asio::awaitable<std::optional<result<jobs::job>>> wait_with_client(
    api_context& context, const http::request& asked, jobs::job_id id,
    std::optional<std::chrono::milliseconds> limit);

/// preferred_wait() of the request; none, as it is no demand, where as many wait as may.
[[nodiscard]] std::optional<std::chrono::seconds> granted_wait(
    const api_context& context, const http::request& asked);

/// What Prefer: wait asks for: `what` at its end, or as it stands after `limit`. A client that left
/// is waited for no longer; hardly anybody reads that answer.
[[nodiscard]] boost::asio::awaitable<result<jobs::job>> wait_as_preferred(
    api_context& context, const http::request& asked, jobs::job what, std::chrono::seconds limit);

} // namespace restpoint::api
