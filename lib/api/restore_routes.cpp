// The classic pages that restore: the same plan and the same job as through the API, while
// PostgreSQL is stopped, or with stop=true by POST.
#include "api/classic_start.hpp"
#include "api/html_page.hpp"
#include "api/parameters.hpp"
#include "api/restore_commands.hpp"
#include "api/restore_fate.hpp"
#include "api/restore_planning.hpp"
#include "api/routes.hpp"
#include "http/escape.hpp"
#include "restore/order.hpp"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

/// What the pages take beside their target.
struct page_wishes {
    restore::target to = {};
    bool stop = false;                       ///< PostgreSQL may be stopped for it
    bool start = false;                      ///< it is started at the end although it did not run
    std::vector<std::string> databases = {}; ///< empty: all
    press pressed = press::unknown;
};

http::response refuse_page(api_context& context, const request& asked, http::problem why) {
    return classic_refusal(noted(context, asked, std::move(why)), asked);
}

http::response refuse_page(api_context& context, const request& asked, const failure& why) {
    log_hidden(asked, why);
    return refuse_page(context, asked, to_problem(why));
}

http::problem still_running(std::string detail) {
    http::problem why;
    why.status = 409;
    why.code = "postgres_running";
    why.title = title_of(why.status);
    why.detail = std::move(detail);
    why.hint = "stop PostgreSQL first, or POST this page with stop=true, which stops it for the "
               "restore and starts it again";
    return why;
}

/// `target`, where the page takes one.
result<restore::target> target_of(const request& asked) {
    const auto when = asked.parameter("target");
    if (!when) {
        return failure{
            errc::invalid, "parameter 'target' is missing",
            "say to when: ?target=2026-11-22T08:30:00Z, a time with its zone; the end of the WAL "
            "is /pgBackRest/restore/time/latest"};
    }
    return restore::make_target(restore::target_kind::time, *when);
}

result<page_wishes> wishes_of(const request& asked, restore::target to) {
    const auto stop = flag_parameter(asked, "stop");
    if (!stop) {
        return stop.error();
    }
    const auto start = flag_parameter(asked, "start");
    if (!start) {
        return start.error();
    }
    page_wishes wanted;
    wanted.to = std::move(to);
    wanted.stop = *stop;
    wanted.start = *start;
    return wanted;
}

/// Why PostgreSQL's state forbids it; none when it does not.
asio::awaitable<std::optional<http::problem>> look_at_state(
    api_context& context, const request& asked, bool stop) {
    auto asking = context.postgres_status();
    const auto status = co_await std::move(asking);
    if (status.state == postgres::server_state::stopped) {
        co_return std::nullopt;
    }
    if (status.state == postgres::server_state::unreachable) {
        co_return to_problem(failure{
            errc::unavailable, "it is not known whether PostgreSQL runs: " + status.detail,
            "look at postgres.socket_dir and at the server"});
    }
    if (!stop) {
        co_return still_running("Postgres is still running");
    }
    if (asked.verb != http::method::post) {
        co_return still_running("Postgres is still running, and no GET stops it");
    }
    co_return std::nullopt;
}

/// The restore to the same target that is under way: who asks again joins it.
asio::awaitable<std::optional<jobs::job_spec>> under_way(
    api_context& context, restore::target to, std::vector<std::string> databases) {
    for (const auto state : {jobs::job_state::running, jobs::job_state::queued}) {
        jobs::job_filter filter;
        filter.kind = jobs::job_kind::restore;
        filter.state = state;
        filter.stanza = context.invocation.stanza;
        auto listing = context.jobs.list(std::move(filter));
        const auto list = co_await std::move(listing);
        if (!list || list->empty()) {
            continue;
        }
        const auto order = restore::parse_order(list->front().spec.order);
        if (order && order->to == to && order->databases == databases) {
            co_return list->front().spec;
        }
    }
    co_return std::nullopt;
}

asio::awaitable<reply> plan_and_start(
    api_context& context, const request& asked, page_wishes wanted) {
    auto looking = look_at_state(context, asked, wanted.stop);
    auto running = co_await std::move(looking);
    if (running) {
        co_return refuse_page(context, asked, std::move(*running));
    }
    restore::plan_request wish;
    wish.to = std::move(wanted.to);
    auto planning = plan_restore(context, std::move(wish));
    const auto made = co_await std::move(planning);
    if (!made) {
        co_return refuse_page(context, asked, made.error());
    }
    auto why = cannot_be_carried_out(*made, context.restores);
    if (why) {
        co_return refuse_page(context, asked, std::move(*why));
    }
    const auto end = made->server_runs || wanted.start ? after_it::start : after_it::leave_stopped;
    auto what = restore_job(context, *made, end, std::move(wanted.databases));
    auto clearing = make_way(context, asked, jobs::when_busy::join);
    co_await std::move(clearing); // what cannot be cancelled in time is told as what is in the way
    auto starting = classic_start(context, asked, std::move(what), wanted.pressed);
    auto answer = co_await std::move(starting);
    co_return answer;
}

asio::awaitable<reply> join_or_start(
    api_context& context, const request& asked, page_wishes wanted) {
    std::optional<jobs::job_spec> known;
    if (asked.verb == http::method::head) {
        known.emplace(); // nothing starts, whatever it is
    } else {
        auto looking = under_way(context, wanted.to, wanted.databases);
        known = co_await std::move(looking);
    }
    if (known) {
        auto joining = classic_start(context, asked, std::move(*known), wanted.pressed);
        auto answer = co_await std::move(joining);
        co_return answer;
    }
    auto starting = plan_and_start(context, asked, std::move(wanted));
    auto answer = co_await std::move(starting);
    co_return answer;
}

asio::awaitable<reply> restore_to(
    api_context& context, const request& asked, result<restore::target> to) {
    if (!to) {
        co_return refuse_page(context, asked, to.error());
    }
    auto wanted = wishes_of(asked, std::move(*to));
    if (!wanted) {
        co_return refuse_page(context, asked, wanted.error());
    }
    auto starting = join_or_start(context, asked, std::move(*wanted));
    auto answer = co_await std::move(starting);
    co_return answer;
}

asio::awaitable<reply> latest(api_context& context, const request& asked, const path_values&) {
    return restore_to(context, asked, restore::target{});
}

asio::awaitable<reply> time(api_context& context, const request& asked, const path_values&) {
    return restore_to(context, asked, target_of(asked));
}

/// What the form does, its button, and how one gets at a database without it.
http::response page_with_form(
    api_context& context, const request& asked, const std::vector<std::string>& names) {
    const auto token = context.tokens.issue(asked.path, one_time_tokens::clock::now());
    http::problem why;
    why.status = 403;
    why.code = "confirmation_required";
    why.title = title_of(why.status);
    why.detail = fmt::format(
        "nothing was started yet: this restores {} to the end of the newest backup and empties "
        "every other database of the cluster",
        quoted_list(names));
    why.hint = "to get at a single database run this as the user that owns the data directory, "
               "start a server there on another port, and take the database out with pg_dump:";
    if (asks_for_json(asked)) {
        return classic_refusal(noted(context, asked, std::move(why)), asked);
    }
    const auto advice = advise_databases(context.invocation, names);
    const auto label = fmt::format("Restore {} and empty all others", quoted_list(names));
    return error_page(
        noted(context, asked, std::move(why)),
        fmt::format(
            "<p><code>{}</code></p>\n<p>{}</p>\n{}", http::escape_html(advice.command),
            with_breaks(advice.warning), button(address_of_form(asked), token, label)));
}

/// Carried out only by the POST of its own form, whoever asks.
asio::awaitable<reply> databases(api_context& context, const request& asked, const path_values&) {
    auto names = database_names(asked);
    if (!names) {
        co_return refuse_page(context, asked, names.error());
    }
    auto wanted = wishes_of(asked, restore::target{.kind = restore::target_kind::immediate});
    if (!wanted) {
        co_return refuse_page(context, asked, wanted.error());
    }
    if (!http::check_change(asked) && !brings_token(context, asked)) {
        co_return page_with_form(context, asked, *names);
    }
    wanted->databases = std::move(*names);
    wanted->pressed = press::seen;
    auto starting = join_or_start(context, asked, std::move(*wanted));
    auto answer = co_await std::move(starting);
    co_return answer;
}

} // namespace

void add_restore_routes(http::router& routes, api_context& context) {
    using enum http::access;
    if (!context.restores.look) {
        return;
    }
    for (const auto verb : {http::method::get, http::method::post}) {
        routes.add(verb, admin, "/pgBackRest/restore/delta", bind_context(context, latest));
        routes.add(verb, admin, "/pgBackRest/restore/db", bind_context(context, databases));
        routes.add(verb, admin, "/pgBackRest/restore/time", bind_context(context, time));
        routes.add(verb, admin, "/pgBackRest/restore/time/latest", bind_context(context, latest));
    }
}

} // namespace restpoint::api
