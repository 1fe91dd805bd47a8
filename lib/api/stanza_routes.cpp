// What there is to restore from: stanzas, their backups, the window.
#include "api/answers.hpp"
#include "api/routes.hpp"
#include "api/stanza_json.hpp"
#include "api/stanza_look.hpp"
#include "http/conditional.hpp"

#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

/// What is polled: 304 for who has it already.
http::response told(const request& asked, std::string body) {
    return http::conditional(json_response(200, std::move(body)), asked);
}

/// What an answer about these findings is made of, beside the jobs.
answer_basis basis_of(const stanza_findings& found, std::uint64_t jobs) {
    answer_basis basis;
    basis.jobs = jobs;
    basis.info = found.info ? *found.info : nullptr;
    basis.window = found.window ? *found.window : nullptr;
    basis.strange_restores = found.strange_restores;
    if (found.postgres) {
        basis.wal = *found.postgres;
    } else {
        basis.silence = found.postgres.error().detail;
    }
    return basis;
}

/// The stanza as `render` writes it: made anew only when something of it has changed.
asio::awaitable<reply> tell_stanza(
    api_context& context, const request& asked, std::string name,
    std::string (*render)(const stanza_findings&)) {
    auto found = co_await look_around(context);
    auto basis = basis_of(found, context.jobs.revision());
    if (context.outlook.next_runs) {
        basis.next_runs = context.outlook.next_runs();
    }
    if (auto kept = context.kept.find(name, basis, asked)) {
        co_return kept;
    }
    const auto complete = co_await add_last_runs(context, found);
    co_await add_schedules(context, found);
    auto json = render(found);
    const bool same = context.jobs.revision() == basis.jobs;
    if (complete && same && basis.info && basis.window) {
        co_return context.kept.keep(std::move(name), std::move(basis), std::move(json), asked);
    }
    co_return told(asked, std::move(json));
}

asio::awaitable<reply> list_stanzas(
    api_context& context, const request& asked, const path_values&) {
    auto answer = co_await tell_stanza(context, asked, "stanzas", stanza_list_json);
    co_return answer;
}

asio::awaitable<reply> show_stanza(
    api_context& context, const request& asked, const path_values& path) {
    const auto stanza = known_stanza(context.invocation.stanza, path);
    if (!stanza) {
        co_return failed(asked, stanza.error());
    }
    auto answer = co_await tell_stanza(context, asked, "stanza", stanza_json);
    co_return answer;
}

asio::awaitable<reply> list_backups(
    api_context& context, const request& asked, const path_values& path) {
    const auto found = co_await look_at_backups(context, path);
    if (!found) {
        co_return failed(asked, found.error());
    }
    co_return told(asked, backup_list_json(*found));
}

asio::awaitable<reply> show_backup(
    api_context& context, const request& asked, const path_values& path) {
    const auto found = co_await look_at_backups(context, path);
    if (!found) {
        co_return failed(asked, found.error());
    }
    const auto& label = path.find("label")->second;
    auto body = backup_json(*found, label);
    if (body.empty()) {
        co_return failed(asked, no_such_backup(*found, label));
    }
    co_return told(asked, std::move(body));
}

asio::awaitable<reply> show_window(
    api_context& context, const request& asked, const path_values& path) {
    const auto stanza = known_stanza(context.invocation.stanza, path);
    if (!stanza) {
        co_return failed(asked, stanza.error());
    }
    const auto window = co_await ask_window(context);
    if (!window) {
        co_return failed(asked, window.error());
    }
    co_return told(asked, window_json(**window));
}

} // namespace

void add_stanza_routes(http::router& routes, api_context& context) {
    using enum http::method;
    using enum http::access;
    const std::string one = "/api/v1/stanzas/{stanza}";
    routes.add(get, viewer, "/api/v1/stanzas", bind_context(context, list_stanzas));
    routes.add(get, viewer, one, bind_context(context, show_stanza));
    routes.add(get, viewer, one + "/backups", bind_context(context, list_backups));
    routes.add(get, viewer, one + "/backups/{label}", bind_context(context, show_backup));
    routes.add(get, viewer, one + "/window", bind_context(context, show_window));
}

} // namespace restpoint::api
