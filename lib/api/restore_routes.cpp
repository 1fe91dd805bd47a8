#include "api/classic_start.hpp"
#include "api/html_page.hpp"
#include "api/restore_commands.hpp"
#include "api/routes.hpp"

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

/// Nothing is started here, whoever asks.
http::response not_yet(const request& asked, const restore_advice& advice) {
    const failure why{
        errc::not_implemented, "restores through restpoint come with a later version",
        "run this as the user that owns the data directory: " + advice.command};
    const auto what = to_problem(why);
    if (asks_for_json(asked)) {
        return classic_refusal(what, asked);
    }
    auto shown = what;
    shown.hint = "run this as the user that owns the data directory:";
    return error_page(
        shown, fmt::format(
                   "<p><code>{}</code></p>\n<p>{}</p>\n", http::escape_html(advice.command),
                   with_breaks(advice.warning)));
}

asio::awaitable<reply> delta(api_context& context, const request& asked, const path_values&) {
    co_return not_yet(asked, advise_delta(context.invocation));
}

asio::awaitable<reply> databases(api_context& context, const request& asked, const path_values&) {
    co_return not_yet(asked, advise_databases(context.invocation, asked));
}

asio::awaitable<reply> time(api_context& context, const request& asked, const path_values&) {
    co_return not_yet(asked, advise_time(context.invocation, asked));
}

} // namespace

// Advice as yet, which a viewer may read: once they restore something, they are for admins.
void add_restore_routes(http::router& routes, api_context& context) {
    for (const auto verb : {http::method::get, http::method::post}) {
        routes.add(
            verb, http::access::viewer, "/pgBackRest/restore/delta", bind_context(context, delta));
        routes.add(
            verb, http::access::viewer, "/pgBackRest/restore/db", bind_context(context, databases));
        routes.add(
            verb, http::access::viewer, "/pgBackRest/restore/time", bind_context(context, time));
        routes.add(
            verb, http::access::viewer, "/pgBackRest/restore/time/latest",
            bind_context(context, time));
    }
}

} // namespace restpoint::api
