// The groups of routes, and what they share. Internal to api.
#pragma once

#include "api/api.hpp"
#include "api/problems.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace restpoint::api {

void add_classic_routes(http::router& routes, api_context& context);
void add_page_routes(http::router& routes, api_context& context);
void add_restore_routes(http::router& routes, api_context& context);
void add_restore_plan_routes(http::router& routes, api_context& context);
void add_restore_job_routes(http::router& routes, api_context& context);
void add_audit_routes(http::router& routes, api_context& context);
void add_login_routes(http::router& routes, api_context& context);
void add_job_routes(http::router& routes, api_context& context);
void add_operation_routes(http::router& routes, api_context& context);
void add_set_routes(http::router& routes, api_context& context);
void add_postgres_routes(http::router& routes, api_context& context);
void add_schedule_routes(http::router& routes, api_context& context);
void add_stanza_routes(http::router& routes, api_context& context);
void add_log_routes(http::router& routes, api_context& context);
void add_event_routes(http::router& routes, api_context& context);
void add_health_routes(http::router& routes, api_context& context);
void add_metrics_routes(http::router& routes, api_context& context);
void add_openapi_routes(http::router& routes, const api_context& context);

/// The gate before every route: what a refused request is answered with.
[[nodiscard]] std::optional<http::response> turn_away(
    api_context& context, http::request& asked, http::access needed);

/// Binds a coroutine `answer(api_context&, const request&, const path_values&)` to a route.
template <class Answer>
http::route_handler bind_context(api_context& context, Answer answer) {
    return [&context, answer](const http::request& asked, const http::path_values& path) {
        return answer(context, asked, path);
    };
}

/// Writes what came of a changing request into the audit trail.
void note(api_context& context, const http::request& asked, std::string outcome);

/// The same for a refused one; of callers who are not known, within what context.refusals allows.
void note_refusal(api_context& context, const http::request& asked, std::string_view why);

/// The same for a refusal that is a problem, and gives it back.
[[nodiscard]] http::problem noted(
    api_context& context, const http::request& asked, http::problem why);

/// A refusal, with its line in the audit trail, and one in the log where it hides the cause.
[[nodiscard]] http::response refuse(
    api_context& context, const http::request& asked, http::problem why);
[[nodiscard]] http::response refuse(
    api_context& context, const http::request& asked, const failure& why);

/// What stands in front of every change of a stanza: the answer when the request cannot be one (see
/// http::check_change) or names another stanza in its path.
[[nodiscard]] std::optional<http::response> refuse_change(
    api_context& context, const http::request& asked, const http::path_values& path);

/// Logs a failure that the answer does not explain (io, internal), since nobody else will.
void log_hidden(const http::request& asked, const failure& why);

/// Who it is, for jobs and the audit trail: "token ci 10.0.0.7", "http 10.0.0.7" without a token.
[[nodiscard]] std::string requester(const http::request& asked);

/// submit() with its line in the audit trail.
[[nodiscard]] boost::asio::awaitable<boost::system::result<jobs::submission, jobs::rejection>>
start_job(
    api_context& context, const http::request& asked, jobs::job_spec what, jobs::when_busy mode,
    std::optional<jobs::request_key> key = {});

/// The answer of the API v1 to a request that came before under its Idempotency-Key, or whose key
/// cannot be one; none for another. For requests that the state of the world may forbid by now.
[[nodiscard]] boost::asio::awaitable<std::optional<http::reply>> answer_again(
    api_context& context, const http::request& asked);

/// The answer of the API v1 to a request that starts this job, by its Idempotency-Key and
/// Prefer: wait where it has them.
[[nodiscard]] boost::asio::awaitable<http::reply> start_for_program(
    api_context& context, const http::request& asked, jobs::job_spec what, jobs::when_busy mode);

} // namespace restpoint::api
