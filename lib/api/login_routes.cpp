// Where a browser trades a token for a session, and ends it.
#include "api/html_page.hpp"
#include "api/login_page.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

http::response refused(const request& asked, const http::problem& why) {
    return asked.wants_html() ? error_page(why) : http::to_response(why, asked);
}

http::response go_to(std::string location) {
    auto answer = html_response(
        303, "log in", fmt::format("<section><a href=\"{0}\">{0}</a></section>\n", location));
    answer.headers.emplace_back("Location", std::move(location));
    return answer;
}

/// Forms write a blank as '+'; what else a token holds needs no decoding.
std::string_view token_in(std::string_view body) {
    auto token = form_field(body, "token");
    while (token.starts_with('+')) {
        token.remove_prefix(1);
    }
    while (token.ends_with('+')) {
        token.remove_suffix(1);
    }
    return token;
}

asio::awaitable<reply> show(api_context& context, const request& asked, const path_values&) {
    const auto* const token = context.door.session_of(asked, current_moment());
    if (token != nullptr) {
        co_return logged_in_page(token->name, to_string(token->role));
    }
    co_return login_page({}, asked.parameter("next").value_or("/"));
}

asio::awaitable<reply> log_in(api_context& context, const request& asked, const path_values&) {
    if (const auto cross_site = http::check_change(asked)) {
        co_return refused(asked, noted(context, asked, to_problem(*cross_site)));
    }
    const auto next = page_after_login(asked.parameter("next").value_or("/"));
    if (context.door.mode() == door_mode::everyone) {
        co_return go_to(next);
    }
    const auto entered = context.door.log_in(token_in(asked.body), asked, current_moment());
    if (!entered) {
        const auto why = noted(context, asked, entered.error());
        co_return asked.wants_html() ? login_page(why, next) : http::to_response(why, asked);
    }
    auto known = asked;
    known.caller = entered->caller;
    note(context, known, "logged in");
    auto answer = go_to(next);
    answer.headers.emplace_back("Set-Cookie", entered->cookie);
    co_return answer;
}

asio::awaitable<reply> log_out(api_context& context, const request& asked, const path_values&) {
    if (const auto cross_site = http::check_change(asked)) {
        co_return refused(asked, noted(context, asked, to_problem(*cross_site)));
    }
    const auto cookie = context.door.log_out(asked);
    auto answer = go_to("/login");
    answer.headers.emplace_back("Set-Cookie", cookie);
    co_return answer;
}

} // namespace

std::optional<http::response> turn_away(
    api_context& context, http::request& asked, http::access needed) {
    const auto why = context.door.refuse(asked, needed, current_moment());
    if (!why) {
        return std::nullopt;
    }
    note_refusal(context, asked, fmt::format("{} {}", why->status, why->code));
    if (asked.wants_html()) {
        return why->status == 403 ? error_page(*why) : login_page(why, asked.path);
    }
    return http::to_response(*why, asked);
}

void add_login_routes(http::router& routes, api_context& context) {
    using enum http::method;
    routes.add(get, http::access::open, "/login", bind_context(context, show));
    routes.add(post, http::access::open, "/login", bind_context(context, log_in));
    routes.add(post, http::access::open, "/logout", bind_context(context, log_out));
}

} // namespace restpoint::api
