#include "api/caller.hpp"
#include "api/classic_start.hpp"
#include "api/html_page.hpp"
#include "api/job_page.hpp"
#include "api/job_stream.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

constexpr int jobs_on_start_page = 5;
constexpr int jobs_on_list_page = 100;

std::string cancel_path(jobs::job_id id) {
    return fmt::format("/pgBackRest/jobs/{}/cancel", id);
}

std::string token_button(api_context& context, std::string path, std::string_view label) {
    const auto token = context.tokens.issue(path, one_time_tokens::clock::now());
    return button(path, token, label);
}

failure no_such_job(std::string_view id) {
    return {
        errc::not_found, fmt::format("there is no job '{}'", id),
        "the list of jobs is at /pgBackRest/jobs"};
}

asio::awaitable<result<std::string>> newest_jobs(api_context& context, int limit) {
    jobs::job_filter filter;
    filter.limit = limit;
    const auto list = co_await context.jobs.list(std::move(filter));
    if (!list) {
        co_return list.error();
    }
    co_return job_table(*list, std::chrono::system_clock::now());
}

asio::awaitable<reply> start_page(api_context& context, const request& asked, const path_values&) {
    const auto newest = co_await newest_jobs(context, jobs_on_start_page);
    if (!newest) {
        log_hidden(asked, newest.error());
        co_return classic_refusal(to_problem(newest.error()), asked);
    }
    auto html = fmt::format(
        "<section>\n<h1>Backups of {}</h1>\n<p class=\"soft\">restpoint {}</p>\n"
        "<div class=\"buttons\">\n",
        http::escape_html(context.invocation.stanza), http::escape_html(context.version));
    if (asked.verb != http::method::head) {
        html += token_button(context, "/pgBackRest/backup/full", "Full backup");
        html += token_button(context, "/pgBackRest/backup/diff", "Differential");
        html += token_button(context, "/pgBackRest/backup/incr", "Incremental");
    }
    html += fmt::format(
        "</div>\n</section>\n<section>\n<h2>Newest jobs</h2>\n{}"
        "<p><a href=\"/pgBackRest/jobs\">all jobs</a></p>\n</section>\n",
        *newest);
    if (context.door.mode() == door_mode::tokens) {
        html += "<p class=\"soft\"><a href=\"/login\">log in or out</a></p>\n";
    }
    co_return html_response(200, context.invocation.stanza, html);
}

asio::awaitable<reply> job_list(api_context& context, const request& asked, const path_values&) {
    const auto newest = co_await newest_jobs(context, jobs_on_list_page);
    if (!newest) {
        log_hidden(asked, newest.error());
        co_return classic_refusal(to_problem(newest.error()), asked);
    }
    co_return html_response(
        200, "jobs", fmt::format("<section>\n<h2>Jobs</h2>\n{}</section>\n", *newest));
}

asio::awaitable<reply> job_page(
    api_context& context, const request& asked, const path_values& path) {
    const auto id = parse_job_id(path.find("id")->second);
    if (!id) {
        co_return classic_refusal(to_problem(no_such_job(path.find("id")->second)), asked);
    }
    const auto level = level_parameter(asked);
    if (!level) {
        co_return classic_refusal(to_problem(level.error()), asked);
    }
    auto found = co_await context.jobs.find(*id);
    if (!found) {
        log_hidden(asked, found.error());
        co_return classic_refusal(to_problem(found.error()), asked);
    }
    job_stream_options options;
    options.level = level->value_or(backrest::log_level::info);
    options.keep_alive = context.keep_alive;
    if (!is_final(found->state) && asked.verb != http::method::head) {
        options.cancel_button = token_button(context, cancel_path(*id), "Cancel this job");
    }
    co_return reply(job_stream(context.jobs, std::move(*found), std::move(options)));
}

/// Why the job may not be cancelled by this request; none when it may.
std::optional<http::problem> refuse_cancel(api_context& context, const request& asked) {
    if (const auto refused = http::check_change(asked)) {
        return to_problem(*refused);
    }
    const auto token = form_field(asked.body, "token");
    const bool confirmed = context.tokens.redeem(token, asked.path, one_time_tokens::clock::now());
    if (caller_of(asked) == caller::unmarked_browser && !confirmed) {
        http::problem p;
        p.status = 403;
        p.code = "confirmation_required";
        p.title = title_of(p.status);
        p.detail = "the button was pressed too late, or twice; nothing was cancelled by this";
        p.hint = "go back to the job's page, load it again and press the button there";
        return p;
    }
    return std::nullopt;
}

asio::awaitable<reply> cancel(api_context& context, const request& asked, const path_values& path) {
    const auto id = parse_job_id(path.find("id")->second);
    if (!id) {
        co_return classic_refusal(to_problem(no_such_job(path.find("id")->second)), asked);
    }
    if (auto refused = refuse_cancel(context, asked)) {
        co_return classic_refusal(noted(context, asked, std::move(*refused)), asked);
    }
    const auto cancelled = co_await context.jobs.cancel(*id, requester(asked));
    if (!cancelled) {
        log_hidden(asked, cancelled.error());
        auto why = to_problem(cancelled.error(), "job_ended");
        co_return classic_refusal(noted(context, asked, std::move(why)), asked);
    }
    note(context, asked, fmt::format("cancelled job {}", *id));
    const auto location = fmt::format("/pgBackRest/jobs/{}", *id);
    auto answer = html_response(
        303, "cancelled", fmt::format("<section><a href=\"{0}\">{0}</a></section>\n", location));
    answer.headers.emplace_back("Location", location);
    co_return answer;
}

} // namespace

void add_page_routes(http::router& routes, api_context& context) {
    using enum http::method;
    routes.add(get, http::access::viewer, "/", bind_context(context, start_page));
    routes.add(get, http::access::viewer, "/pgBackRest/jobs", bind_context(context, job_list));
    routes.add(get, http::access::viewer, "/pgBackRest/jobs/{id}", bind_context(context, job_page));
    routes.add(
        post, http::access::operate, "/pgBackRest/jobs/{id}/cancel", bind_context(context, cancel));
}

} // namespace restpoint::api
