// The server beside which this service stands: how it is, and whether it is the stanza's.
#include "api/answers.hpp"
#include "api/postgres_json.hpp"
#include "api/routes.hpp"
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

} // namespace

void add_postgres_routes(http::router& routes, api_context& context) {
    using enum http::method;
    using enum http::access;
    if (context.postgres_server) {
        routes.add(get, viewer, "/api/v1/postgres", bind_context(context, show_postgres));
    }
}

} // namespace restpoint::api
