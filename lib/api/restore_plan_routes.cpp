// What a restore would do: nothing is written, whatever is asked.
#include "api/answers.hpp"
#include "api/restore_plan_json.hpp"
#include "api/restore_planning.hpp"
#include "api/routes.hpp"
#include "auth/secrets.hpp"

#include <chrono>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

asio::awaitable<reply> make_plan(
    api_context& context, const request& asked, const path_values& path) {
    if (auto refused = refuse_change(context, asked, path)) {
        co_return std::move(*refused);
    }
    auto wanted = parse_plan_request(asked.body);
    if (!wanted) {
        co_return refuse(context, asked, wanted.error());
    }
    auto planning = plan_restore(context, *wanted);
    auto made = co_await std::move(planning);
    if (!made) {
        co_return failed(asked, made.error());
    }
    restore::kept_plan kept{auth::random_hex(), made->digest, std::move(*wanted)};
    auto body = plan_json(made->made, {kept.id, kept.digest}, context.invocation);
    context.restores.plans.keep(std::move(kept), std::chrono::steady_clock::now());
    co_return json_response(200, std::move(body));
}

} // namespace

void add_restore_plan_routes(http::router& routes, api_context& context) {
    using enum http::method;
    using enum http::access;
    if (context.restores.look) {
        routes.add(
            post, viewer, "/api/v1/stanzas/{stanza}/restore-plans",
            bind_context(context, make_plan));
    }
}

} // namespace restpoint::api
