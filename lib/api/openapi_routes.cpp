// The API's own description.
#include "api/html_page.hpp"
#include "api/openapi.hpp"
#include "api/openapi_page.hpp"
#include "api/routes.hpp"

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

asio::awaitable<http::reply> always(std::shared_ptr<const http::frozen> answer) {
    co_return http::reply(std::move(answer));
}

} // namespace

// The last of them, since it tells of all.
void add_openapi_routes(http::router& routes, const api_context& context) {
    using http::method;
    auto all = routes.routes();
    all.push_back({method::get, http::access::viewer, "/api/v1/openapi.json"});
    all.push_back({method::get, http::access::viewer, "/api/v1/docs"});
    const auto document =
        http::freeze({200, "application/json", {}, openapi_document(all, context.version)});
    const auto page = http::freeze(html_response(200, "API", openapi_page(all)));
    const auto add = [&](const char* pattern, std::shared_ptr<const http::frozen> answer) {
        routes.add(
            method::get, http::access::viewer, pattern,
            [answer](const http::request&, const http::path_values&) { return always(answer); });
    };
    add("/api/v1/openapi.json", document);
    add("/api/v1/docs", page);
}

} // namespace restpoint::api
