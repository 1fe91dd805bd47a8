#include "api/answers.hpp"
#include "api/job_json.hpp"
#include "api/job_wait.hpp"
#include "api/parameters.hpp"
#include "api/restore_fate.hpp"
#include "api/routes.hpp"
#include "http/conditional.hpp"

#include <fmt/format.h>

#include <vector>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

/// Where the page behind `page` begins; none when there is no such page.
asio::awaitable<result<std::optional<jobs::job_id>>> next_cursor(
    api_context& context, jobs::job_filter filter, const std::vector<jobs::job>& page) {
    std::optional<jobs::job_id> next;
    if (page.size() < static_cast<std::size_t>(filter.limit) || page.back().id <= 1) {
        co_return next;
    }
    filter.before = page.back().id;
    filter.limit = 1;
    const auto behind = co_await context.jobs.list(filter);
    if (!behind) {
        co_return behind.error();
    }
    if (!behind->empty()) {
        next = filter.before;
    }
    co_return next;
}

/// Under which name the answer to it is kept.
std::string name_of(const jobs::job_filter& filter) {
    return fmt::format(
        "jobs {} {} {} {} {}", filter.limit, filter.before.value_or(0),
        filter.state ? to_string(*filter.state) : "-", filter.kind ? to_string(*filter.kind) : "-",
        filter.stanza ? "=" + *filter.stanza : "-");
}

asio::awaitable<reply> list_jobs(api_context& context, const request& asked, const path_values&) {
    const auto filter = job_filter_of(asked);
    if (!filter) {
        co_return failed(asked, filter.error());
    }
    // The progress of a job that runs stands in no row.
    answer_basis basis;
    basis.jobs = context.jobs.revision();
    if (context.jobs.is_idle()) {
        if (auto kept = context.kept.find(name_of(*filter), basis, asked)) {
            co_return kept;
        }
    }
    auto list = co_await context.jobs.list(*filter);
    if (!list) {
        co_return failed(asked, list.error());
    }
    auto telling = add_fates(context, *list);
    co_await std::move(telling);
    const auto next = co_await next_cursor(context, *filter, *list);
    if (!next) {
        co_return failed(asked, next.error());
    }
    auto json = job_list_json(*list, *next, std::chrono::system_clock::now());
    if (context.jobs.is_idle() && context.jobs.revision() == basis.jobs) {
        co_return context.kept.keep(name_of(*filter), std::move(basis), std::move(json), asked);
    }
    co_return http::conditional(json_response(200, std::move(json)), asked);
}

asio::awaitable<reply> show_job(
    api_context& context, const request& asked, const path_values& path) {
    const auto id = job_id_of(path);
    if (!id) {
        co_return failed(asked, id.error());
    }
    auto found = co_await context.jobs.find(*id);
    const auto wait = granted_wait(context, asked);
    if (found && wait) {
        auto waiting = wait_as_preferred(context, asked, std::move(*found), *wait);
        found = co_await std::move(waiting);
    }
    if (!found) {
        co_return failed(asked, found.error());
    }
    std::vector<jobs::job> one{std::move(*found)};
    auto telling = add_fates(context, one);
    co_await std::move(telling);
    found = std::move(one.front());
    auto answer = json_response(200, job_json(*found, std::chrono::system_clock::now()));
    if (!is_final(found->state)) {
        answer.headers.emplace_back("Retry-After", ask_again_after);
    }
    if (wait) {
        answer.headers.push_back(applied(*wait));
    }
    co_return http::conditional(std::move(answer), asked);
}

asio::awaitable<reply> cancel_job(
    api_context& context, const request& asked, const path_values& path) {
    if (const auto refused = http::check_change(asked)) {
        co_return http::to_response(noted(context, asked, to_problem(*refused)), asked);
    }
    const auto id = job_id_of(path);
    if (!id) {
        co_return failed(asked, id.error());
    }
    const auto cancelled = co_await context.jobs.cancel(*id, requester(asked));
    if (!cancelled) {
        log_hidden(asked, cancelled.error());
        auto why = to_problem(cancelled.error(), "job_ended");
        co_return http::to_response(noted(context, asked, std::move(why)), asked);
    }
    note(context, asked, fmt::format("cancelled job {}", *id));
    co_return accepted(*cancelled);
}

} // namespace

void add_job_routes(http::router& routes, api_context& context) {
    using enum http::method;
    routes.add(get, http::access::viewer, "/api/v1/jobs", bind_context(context, list_jobs));
    routes.add(get, http::access::viewer, "/api/v1/jobs/{id}", bind_context(context, show_job));
    routes.add(
        post, http::access::operate, "/api/v1/jobs/{id}/cancel", bind_context(context, cancel_job));
}

} // namespace restpoint::api
