// The server beside which this service stands: how it is, whether it is the stanza's; its start and
// its stop.
#include "api/answers.hpp"
#include "api/postgres_json.hpp"
#include "api/routes.hpp"
#include "api/server_request.hpp"
#include "api/stanza_look.hpp"
#include "http/conditional.hpp"

#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

/// A server that is away is an answer, and the one that is asked for most.
asio::awaitable<http::reply> show_postgres(
    api_context& context, const http::request& asked, const http::path_values&) {
    auto told = co_await context.postgres_server();
    auto found = co_await look_around(context);
    auto body = postgres_json(told, std::move(found));
    co_return http::conditional(json_response(200, std::move(body)), asked);
}

asio::awaitable<http::reply> drive_server(
    api_context& context, const http::request& asked, jobs::job_kind kind) {
    if (const auto refused = http::check_change(asked)) {
        co_return http::to_response(noted(context, asked, to_problem(*refused)), asked);
    }
    auto wanted = parse_server_request(kind, asked, context.invocation.stanza);
    if (!wanted) {
        co_return http::to_response(noted(context, asked, to_problem(wanted.error())), asked);
    }
    if (!context.restores.can_stop) {
        const failure why{
            errc::conflict, "restpoint was not told who starts and stops PostgreSQL",
            "set postgres.control in its configuration"};
        auto problem = to_problem(why, "postgres_not_controlled");
        problem.status = 422; // nothing is in the way that would go away
        problem.title = title_of(problem.status);
        co_return http::to_response(noted(context, asked, std::move(problem)), asked);
    }
    auto starting = start_for_program(context, asked, std::move(*wanted), jobs::when_busy::refuse);
    auto answer = co_await std::move(starting);
    co_return answer;
}

auto drive(jobs::job_kind kind) {
    return [kind](api_context& context, const http::request& asked, const http::path_values&) {
        return drive_server(context, asked, kind);
    };
}

} // namespace

void add_postgres_routes(http::router& routes, api_context& context) {
    using enum http::method;
    using enum http::access;
    if (context.postgres_server) {
        routes.add(get, viewer, "/api/v1/postgres", bind_context(context, show_postgres));
    }
    using enum jobs::job_kind;
    routes.add(post, admin, "/api/v1/postgres/start", bind_context(context, drive(postgres_start)));
    routes.add(post, admin, "/api/v1/postgres/stop", bind_context(context, drive(postgres_stop)));
    routes.add(
        post, admin, "/api/v1/postgres/restart", bind_context(context, drive(postgres_restart)));
}

} // namespace restpoint::api
