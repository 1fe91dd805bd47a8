// What changes the cluster: a restore by a plan, its undo, and the end of that.
#include "api/answers.hpp"
#include "api/restore_fate.hpp"
#include "api/restore_planning.hpp"
#include "api/restore_request.hpp"
#include "api/routes.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

http::problem plan_changed(std::string detail) {
    auto why = to_problem(
        failure{
            errc::conflict, std::move(detail),
            "ask for a plan again, read it, and send its id and digest"},
        "plan_changed");
    return why;
}

/// Why the plan as it is now is not carried out; none when it is.
std::optional<http::problem> stands_in_the_way(
    const restore_request& wanted, const planned& now, const restore_desk& desk) {
    if (now.made.can_be_carried_out() && now.digest != wanted.digest) {
        return plan_changed("the plan, made again, is another one: what it rests on has changed");
    }
    if (wanted.how && now.made.how && *wanted.how != *now.made.how) {
        return plan_changed(fmt::format("the way of the plan is {}", to_string(*now.made.how)));
    }
    return cannot_be_carried_out(now, desk);
}

asio::awaitable<reply> start_restore(
    api_context& context, const request& asked, const path_values& path) {
    if (auto refused = refuse_change(context, asked, path)) {
        co_return std::move(*refused);
    }
    const auto wanted = parse_restore_request(asked.body, context.invocation.stanza);
    if (!wanted) {
        co_return refuse(context, asked, wanted.error());
    }
    auto again = co_await answer_again(context, asked);
    if (again) {
        co_return std::move(*again);
    }
    const auto now = std::chrono::steady_clock::now();
    const auto kept = context.restores.plans.find(wanted->plan, now);
    if (!kept) {
        co_return refuse(
            context, asked,
            failure{
                errc::not_found, "there is no such plan",
                "plans are kept for an hour, and not over a restart: ask for one again"});
    }
    if (kept->digest != wanted->digest) {
        co_return refuse(context, asked, plan_changed("this is not the digest of that plan"));
    }
    auto planning = plan_restore(context, kept->asked);
    const auto made = co_await std::move(planning);
    if (!made) {
        co_return refuse(context, asked, made.error());
    }
    auto why = stands_in_the_way(*wanted, *made, context.restores);
    if (why) {
        co_return refuse(context, asked, std::move(*why));
    }
    const auto end = made->server_runs ? after_it::start : after_it::leave_stopped;
    auto clearing = make_way(context, asked, jobs::when_busy::refuse);
    const auto mode = co_await std::move(clearing);
    auto starting = start_for_program(context, asked, restore_job(context, *made, end), mode);
    auto answer = co_await std::move(starting);
    co_return answer;
}

asio::awaitable<reply> change_restore(
    api_context& context, const request& asked, const path_values& path, jobs::job_kind kind) {
    if (auto refused = refuse_change(context, asked, path)) {
        co_return std::move(*refused);
    }
    const auto id = job_id_of(path);
    if (!id) {
        co_return refuse(context, asked, id.error());
    }
    const auto confirmed = parse_confirmation(asked.body, context.invocation.stanza);
    if (!confirmed) {
        co_return refuse(context, asked, confirmed.error());
    }
    auto again = co_await answer_again(context, asked);
    if (again) {
        co_return std::move(*again);
    }
    auto finding = context.jobs.find(*id);
    const auto found = co_await std::move(finding);
    if (!found) {
        co_return refuse(context, asked, found.error());
    }
    auto listing = list_restores(context);
    const auto others = co_await std::move(listing);
    if (!others) {
        co_return refuse(context, asked, others.error());
    }
    jobs::job_spec what;
    what.kind = kind;
    what.stanza = context.invocation.stanza;
    auto order = order_after_restore(kind, {*found, *others, std::chrono::system_clock::now()});
    if (!order) {
        co_return refuse(context, asked, to_problem(order.error(), "restore_not_open"));
    }
    what.order = std::move(*order);
    auto mode = *confirmed;
    if (kind == jobs::job_kind::undo) {
        auto clearing = make_way(context, asked, mode);
        mode = co_await std::move(clearing);
    }
    auto starting = start_for_program(context, asked, std::move(what), mode);
    auto answer = co_await std::move(starting);
    co_return answer;
}

asio::awaitable<reply> undo(api_context& context, const request& asked, const path_values& path) {
    return change_restore(context, asked, path, jobs::job_kind::undo);
}

asio::awaitable<reply> forget(api_context& context, const request& asked, const path_values& path) {
    return change_restore(context, asked, path, jobs::job_kind::forget);
}

} // namespace

void add_restore_job_routes(http::router& routes, api_context& context) {
    using enum http::method;
    using enum http::access;
    if (!context.restores.look) {
        return;
    }
    routes.add(
        post, admin, "/api/v1/stanzas/{stanza}/restores", bind_context(context, start_restore));
    routes.add(post, admin, "/api/v1/jobs/{id}/undo", bind_context(context, undo));
    routes.add(post, admin, "/api/v1/jobs/{id}/forget", bind_context(context, forget));
}

} // namespace restpoint::api
