#include "api/routes.hpp"

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

asio::awaitable<http::reply> always(std::shared_ptr<const http::frozen> answer) {
    co_return http::reply(std::move(answer));
}

} // namespace

void add_health_routes(http::router& routes) {
    // Asked every few seconds by everybody: the answer proves that the loop turns, and costs
    // nothing.
    const auto alive = http::freeze({200, "text/plain; charset=utf-8", {}, "ok"});
    routes.add(
        http::method::get, http::access::open, "/livez",
        [alive](const http::request&, const http::path_values&) { return always(alive); });
}

} // namespace restpoint::api
