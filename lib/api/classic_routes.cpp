#include "api/classic_start.hpp"
#include "api/html_page.hpp"
#include "api/info_page.hpp"
#include "api/routes.hpp"

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::method;
using http::path_values;
using http::reply;
using http::request;

/// A missing program is not a missing page: what the cache could not find is our trouble, not the
/// caller's.
http::problem info_problem(const request& asked, const failure& why) {
    log_hidden(asked, why);
    auto p = to_problem(why);
    if (p.status < 500) {
        p.status = 500;
        p.title = title_of(p.status);
    }
    return p;
}

asio::awaitable<reply> info(
    api_context& context, std::shared_ptr<info_page> page, const request& asked) {
    auto answer = co_await context.info.get();
    if (!answer) {
        co_return classic_refusal(info_problem(asked, answer.error()), asked);
    }
    co_return page->get(std::move(*answer), std::chrono::system_clock::now());
}

std::string status_html(const postgres::server_status& status) {
    const bool runs = status.state == postgres::server_state::running;
    auto html = fmt::format(
        "<section class=\"outcome {}\">\n<h1> Success </h1> <br/>\n"
        "<p>Postgres status {}</p>\n<dl>\n<dt>State</dt><dd>{}</dd>\n",
        runs ? "good" : "bad", runs ? "True" : "False", to_string(status.state));
    if (status.in_recovery) {
        html += fmt::format(
            "<dt>Role</dt><dd>{}</dd>\n",
            *status.in_recovery ? "in recovery (standby)" : "primary");
    }
    if (!status.detail.empty()) {
        html += fmt::format("<dt>Detail</dt><dd>{}</dd>\n", with_breaks(status.detail));
    }
    return html + "</dl>\n</section>\n";
}

asio::awaitable<reply> db_status(api_context& context, const request&, const path_values&) {
    const auto status = co_await context.postgres_status();
    co_return html_response(200, "PostgreSQL", status_html(status));
}

asio::awaitable<reply> backup(api_context& context, const request& asked, const path_values& path) {
    jobs::job_spec what;
    what.kind = jobs::job_kind::backup;
    what.stanza = context.invocation.stanza;
    const auto& type = path.find("type")->second;
    what.type = backrest::parse_backup_type(type);
    if (!what.type) {
        const failure why{
            errc::not_found, fmt::format("there is no type of backup '{}'", type),
            "there are full, diff and incr"};
        co_return classic_refusal(to_problem(why), asked);
    }
    auto answer = co_await classic_start(context, asked, std::move(what));
    co_return answer;
}

asio::awaitable<reply> create(api_context& context, const request& asked, const path_values&) {
    jobs::job_spec what;
    what.kind = jobs::job_kind::stanza_create;
    what.stanza = context.invocation.stanza;
    auto answer = co_await classic_start(context, asked, std::move(what));
    co_return answer;
}

} // namespace

void add_classic_routes(http::router& routes, api_context& context) {
    const auto page = std::make_shared<info_page>();
    const auto shown = [&context, page](const request& asked, const path_values&) {
        return info(context, page, asked);
    };
    for (const auto verb : {method::get, method::post}) {
        routes.add(verb, http::access::viewer, "/pgBackRest/info", shown);
        routes.add(
            verb, http::access::viewer, "/pgBackRest/db_status", bind_context(context, db_status));
        routes.add(
            verb, http::access::operate, "/pgBackRest/backup/{type}",
            bind_context(context, backup));
        routes.add(
            verb, http::access::operate, "/pgBackRest/create", bind_context(context, create));
    }
}

} // namespace restpoint::api
