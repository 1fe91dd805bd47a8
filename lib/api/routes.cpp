#include "api/routes.hpp"

#include "api/answers.hpp"
#include "api/caller.hpp"
#include "api/guarded_body.hpp"
#include "api/query_rules.hpp"
#include "base/log.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {

namespace {

/// Of the path, in the audit trail: ours are shorter, and strangers may send kilobytes.
constexpr std::size_t longest_path = 200;

std::string shown_path(const std::string& path) {
    return path.size() <= longest_path ? path : path.substr(0, longest_path) + "...";
}

jobs::audit_entry entry_of(const http::request& asked, std::string outcome) {
    jobs::audit_entry entry;
    entry.who = requester(asked);
    entry.where = asked.peer;
    entry.what = fmt::format("{} {}", http::to_string(asked.verb), shown_path(asked.path));
    entry.outcome = std::move(outcome);
    return entry;
}

/// Of nobody: who they were is not known any more.
void write_left_out(api_context& context, std::uint64_t count) {
    if (count == 0 || !context.audit) {
        return;
    }
    jobs::audit_entry entry;
    entry.who = "nobody";
    entry.what = "requests of callers who are not known";
    entry.outcome = fmt::format("refused: {} more, that were only counted", count);
    entry.stranger = true;
    context.audit(std::move(entry));
}

} // namespace

void note(api_context& context, const http::request& asked, std::string outcome) {
    if (context.audit) {
        context.audit(entry_of(asked, std::move(outcome)));
    }
}

void note_refusal(api_context& context, const http::request& asked, std::string_view why) {
    if (!context.audit) {
        return;
    }
    auto entry = entry_of(asked, fmt::format("refused: {}", why));
    if (!asked.caller.empty()) { // whom a stranger's flood shall not hide
        context.audit(std::move(entry));
        return;
    }
    entry.stranger = true;
    const auto advised = context.refusals.ask(rate_limit::clock::now());
    write_left_out(context, advised.left_out);
    if (advised.what == rate_limit::advice::leave_out) {
        return;
    }
    if (advised.what == rate_limit::advice::announce) {
        entry.outcome += "; more within this second are only counted";
    }
    context.audit(std::move(entry));
}

void note_left_out(api_context& context, rate_limit::clock::time_point now) {
    write_left_out(context, context.refusals.take_left_out(now));
}

asio::awaitable<void> keep_noting_left_out(api_context& context) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        timer.expires_after(std::chrono::seconds{1});
        co_await timer.async_wait(asio::use_awaitable);
        note_left_out(context, rate_limit::clock::now());
    }
}

http::problem noted(api_context& context, const http::request& asked, http::problem why) {
    note_refusal(context, asked, fmt::format("{} {}", why.status, why.code));
    return why;
}

std::function<void(const http::request&, const http::refusal&)> make_refusal_audit(
    api_context& context) {
    return [&context](const http::request& asked, const http::refusal& why) {
        note_refusal(context, asked, fmt::format("{} {}", why.status, why.code));
    };
}

void log_hidden(const http::request& asked, const failure& why) {
    if (status_of(why.code) == 500) {
        log::error(
            "a request failed", {{"method", http::to_string(asked.verb)},
                                 {"path", asked.path},
                                 {"peer", asked.peer},
                                 {"error", why.detail},
                                 {"hint", why.hint}});
    }
}

http::response refuse(api_context& context, const http::request& asked, http::problem why) {
    return http::to_response(noted(context, asked, std::move(why)), asked);
}

http::response refuse(api_context& context, const http::request& asked, const failure& why) {
    log_hidden(asked, why);
    return refuse(context, asked, to_problem(why));
}

std::optional<http::response> refuse_change(
    api_context& context, const http::request& asked, const http::path_values& path) {
    if (const auto refused = http::check_change(asked)) {
        return refuse(context, asked, to_problem(*refused));
    }
    if (!path.contains("stanza")) {
        return std::nullopt;
    }
    const auto stanza = known_stanza(context.invocation.stanza, path);
    return stanza ? std::nullopt : std::optional(refuse(context, asked, stanza.error()));
}

std::string requester(const http::request& asked) {
    return fmt::format("{} {}", asked.caller.empty() ? "http" : asked.caller, address_of(asked));
}

asio::awaitable<boost::system::result<jobs::submission, jobs::rejection>> start_job(
    api_context& context, const http::request& asked, jobs::job_spec what, jobs::when_busy mode,
    std::optional<jobs::request_key> key) {
    auto submitting = context.jobs.submit(std::move(what), requester(asked), mode, std::move(key));
    auto taken = co_await std::move(submitting);
    if (taken) {
        const auto verb = taken->joined ? "joined" : "started";
        note(context, asked, fmt::format("{} job {}", verb, taken->what.id));
    } else {
        log_hidden(asked, taken.error().why);
        note_refusal(context, asked, taken.error().why.detail);
    }
    co_return taken;
}

namespace {

asio::awaitable<http::reply> dispatch(
    const api_context& context, std::shared_ptr<const http::router> routes, http::request& asked) {
    auto answer = co_await routes->dispatch(asked);
    auto* const stream = std::get_if<http::streamed>(&answer);
    if (stream != nullptr && !asked.token_id.empty()) {
        stream->body = guarded_body(std::move(stream->body), context.door, asked.token_id);
    }
    co_return answer;
}

} // namespace

http::router make_router(api_context& context) {
    http::router routes;
    routes.guard([&context,
                  rules = query_rules()](http::request& asked, const http::route_outline& route) {
        auto refused = turn_away(context, asked, route.who);
        if (refused) {
            return refused;
        }
        const auto unknown = rules.check(asked, route);
        return unknown ? std::optional(http::to_response(to_problem(*unknown), asked)) : refused;
    });
    add_health_routes(routes, context);
    add_metrics_routes(routes, context);
    add_classic_routes(routes, context);
    add_restore_routes(routes, context);
    add_page_routes(routes, context);
    add_login_routes(routes, context);
    add_audit_routes(routes, context);
    add_job_routes(routes, context);
    add_operation_routes(routes, context);
    add_set_routes(routes, context);
    add_restore_plan_routes(routes, context);
    add_restore_job_routes(routes, context);
    add_postgres_routes(routes, context);
    add_schedule_routes(routes, context);
    add_stanza_routes(routes, context);
    add_log_routes(routes, context);
    add_event_routes(routes, context);
    add_openapi_routes(routes, context); // tells of those before it
    return routes;
}

http::handler make_handler(api_context& context) {
    return [&context, routes = std::make_shared<const http::router>(make_router(context))](
               http::request& asked) { return dispatch(context, routes, asked); };
}

} // namespace restpoint::api
