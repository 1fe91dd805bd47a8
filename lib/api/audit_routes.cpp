// Who did what, and who was refused: for admins.
#include "api/audit_json.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

asio::awaitable<http::reply> list_audit(
    api_context& context, const http::request& asked, const http::path_values&) {
    const auto page = page_of(asked);
    if (!page) {
        co_return http::to_response(to_problem(page.error()), asked);
    }
    jobs::audit_filter filter;
    filter.before = page->before;
    filter.limit = page->limit + 1; // whether there is more shows by one too many
    auto found = co_await context.audit_trail(filter);
    if (!found) {
        log_hidden(asked, found.error());
        co_return http::to_response(to_problem(found.error()), asked);
    }
    std::optional<std::int64_t> next;
    if (found->size() > static_cast<std::size_t>(page->limit)) {
        found->pop_back();
        next = found->back().id;
    }
    co_return http::response{200, "application/json", {}, audit_json(*found, next)};
}

} // namespace

void add_audit_routes(http::router& routes, api_context& context) {
    routes.add(
        http::method::get, http::access::admin, "/api/v1/audit", bind_context(context, list_audit));
}

} // namespace restpoint::api
