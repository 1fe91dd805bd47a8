// The HTTP surface: the classic pages, the API v1 and health. What it needs is handed in; the
// composition root builds the context, and keeps it for as long as the server runs.
#pragma once

#include "api/door.hpp"
#include "api/kept_answers.hpp"
#include "api/one_time_tokens.hpp"
#include "api/outlook.hpp"
#include "api/progress_feed.hpp"
#include "api/rate_limit.hpp"
#include "api/restores.hpp"
#include "backrest/command.hpp"
#include "base/result.hpp"
#include "http/guard.hpp"
#include "http/reply.hpp"
#include "http/router.hpp"
#include "jobs/info_cache.hpp"
#include "jobs/log_hub.hpp"
#include "jobs/service.hpp"
#include "jobs/store.hpp"
#include "jobs/window_cache.hpp"
#include "postgres/probe.hpp"
#include "schedule/keeper.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace restpoint::api {

/// The schedules that are kept; without a keeper there are no routes for them.
struct kept_schedules {
    schedule::keeper* keeper = nullptr;
    /// All of the configuration, in the order they are written.
    std::function<std::vector<schedule::configured>()> configured = {};
};

struct api_context {
    jobs::service& jobs;
    jobs::log_hub& logs;
    jobs::info_cache& info;
    jobs::window_cache& window;
    std::function<boost::asio::awaitable<postgres::server_status>()> postgres_status;
    kept_schedules schedules = {};
    backrest::invocation invocation = {}; ///< its stanza is the one this service stands for
    std::string version = {};
    /// Everything that starts, cancels or is refused. Must not block; may be empty in tests.
    std::function<void(jobs::audit_entry)> audit = {};
    /// Where the server stands in its WAL; empty: nobody is asked.
    std::function<boost::asio::awaitable<result<postgres::wal_facts>>()> postgres_wal = {};
    /// All that the server says of itself; empty: nobody is asked.
    std::function<boost::asio::awaitable<postgres::server_report>()> postgres_server = {};
    std::function<boost::asio::awaitable<result<std::vector<jobs::audit_record>>>(
        jobs::audit_filter)>
        audit_trail = {};
    /// Longest silence of a page or of events that grow; see job_stream_options.
    std::chrono::milliseconds keep_alive{25000};
    /// How long an answer waits for pgbackrest: who polls gives up after ten seconds.
    std::chrono::milliseconds patience{3000};
    /// How many answers may be held back for a job's end because somebody prefers that; beyond it
    /// they are given at once, so that connections are left for others.
    std::size_t most_waiting = 500;
    std::size_t waiting = 0; ///< now
    progress_feed progress{};
    api::outlook outlook{};
    restore_desk restores{};
    one_time_tokens tokens{};
    api::door door{}; ///< closed, until it is told otherwise
    kept_answers kept{};
    rate_limit refusals{10}; ///< lines in the audit trail, a second, of refused strangers
};

/// All routes. The context must outlive the router.
[[nodiscard]] http::router make_router(api_context& context);

/// The same as the server takes it.
[[nodiscard]] http::handler make_handler(api_context& context);

/// For http::server_options::refused: what the server turns away before a route is asked stands in
/// the audit trail too. The context must outlive the server.
[[nodiscard]] std::function<void(const http::request&, const http::refusal&)> make_refusal_audit(
    api_context& context);

/// Writes into the audit trail how many refusals were only counted, once their second is over.
void note_left_out(api_context& context, rate_limit::clock::time_point now);

/// Does so every second, so that the last count is told too. Ends by cancellation only.
[[nodiscard]] boost::asio::awaitable<void> keep_noting_left_out(api_context& context);

} // namespace restpoint::api
