#include "api/routes.hpp"

#include "api/caller.hpp"
#include "base/log.hpp"

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint::api {

void note(api_context& context, const http::request& asked, std::string outcome) {
    if (!context.audit) {
        return;
    }
    jobs::audit_entry entry;
    entry.who = requester(asked);
    entry.where = asked.peer;
    entry.what = fmt::format("{} {}", http::to_string(asked.verb), asked.path);
    entry.outcome = std::move(outcome);
    context.audit(std::move(entry));
}

http::problem noted(api_context& context, const http::request& asked, http::problem why) {
    note(context, asked, fmt::format("refused: {} {}", why.status, why.code));
    return why;
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

std::string requester(const http::request& asked) {
    return "http " + address_of(asked);
}

asio::awaitable<boost::system::result<jobs::submission, jobs::rejection>> start_job(
    api_context& context, const http::request& asked, jobs::job_spec what, jobs::when_busy mode) {
    auto taken = co_await context.jobs.submit(std::move(what), requester(asked), mode);
    if (taken) {
        const auto verb = taken->joined ? "joined" : "started";
        note(context, asked, fmt::format("{} job {}", verb, taken->what.id));
    } else {
        log_hidden(asked, taken.error().why);
        note(context, asked, fmt::format("refused: {}", taken.error().why.detail));
    }
    co_return taken;
}

http::router make_router(api_context& context) {
    http::router routes;
    add_health_routes(routes);
    add_classic_routes(routes, context);
    add_restore_routes(routes, context);
    add_page_routes(routes, context);
    add_job_routes(routes, context);
    add_log_routes(routes, context);
    return routes;
}

http::handler make_handler(api_context& context) {
    return [routes = std::make_shared<const http::router>(make_router(context))](
               const http::request& asked) { return routes->dispatch(asked); };
}

} // namespace restpoint::api
