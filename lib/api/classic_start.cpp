#include "api/classic_start.hpp"

#include "api/caller.hpp"
#include "api/html_page.hpp"
#include "api/job_page.hpp"
#include "api/job_stream.hpp"
#include "api/job_wait.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "api/text_body.hpp"
#include "http/escape.hpp"

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

/// A longer one is sent in chunks even to who waits: it would have to stand in memory otherwise.
constexpr std::uint64_t largest_whole_log = 4U << 20U;

struct wishes {
    backrest::log_level level = backrest::log_level::info;
    bool wait = false;
};

result<wishes> wishes_of(const http::request& asked) {
    const auto level = level_parameter(asked);
    if (!level) {
        return level.error();
    }
    const auto wait = wants_to_wait(asked);
    if (!wait) {
        return wait.error();
    }
    return wishes{level->value_or(backrest::log_level::info), *wait};
}

/// 403, so that a program taken for a browser never believes that a backup was made.
http::response page_with_button(
    api_context& context, const http::request& asked, const jobs::job_spec& what,
    http::problem why) {
    jobs::job planned;
    planned.spec = what;
    const auto token = context.tokens.issue(asked.path, one_time_tokens::clock::now());
    const auto form = button(address_of_form(asked), token, "Start " + job_title(planned));
    return error_page(noted(context, asked, std::move(why)), form);
}

http::problem confirmation_required() {
    http::problem p;
    p.status = 403;
    p.code = "confirmation_required";
    p.title = title_of(p.status);
    p.detail = "nothing was started yet: your browser does not say who sent this request, so it "
               "takes a press of this button";
    p.hint = "press the button; it is good for ten minutes";
    return p;
}

/// Why nothing may start, as an answer; none when it may.
std::optional<http::response> refuse_before_start(
    api_context& context, const http::request& asked, const jobs::job_spec& what, press button) {
    if (const auto refused = http::check_change(asked)) {
        auto why = to_problem(*refused);
        // A link from somewhere else: a person may well have followed it, and can say so.
        const bool followed_link = refused->code == "cross_site" &&
                                   asked.verb == http::method::get &&
                                   caller_of(asked) == caller::navigating_browser;
        if (followed_link) {
            why.hint = "if you meant it, press the button";
            return page_with_button(context, asked, what, std::move(why));
        }
        return classic_refusal(noted(context, asked, std::move(why)), asked);
    }
    if (button == press::unknown && caller_of(asked) == caller::unmarked_browser &&
        !brings_token(context, asked)) {
        return page_with_button(context, asked, what, confirmation_required());
    }
    return std::nullopt;
}

http::response see_job_page(const jobs::job& what, const http::request& asked) {
    auto location = fmt::format("/pgBackRest/jobs/{}", what.id);
    if (const auto level = asked.parameter("level")) {
        location += fmt::format("?level={}", *level); // checked: one of six words
    }
    auto answer = html_response(
        303, "started", fmt::format("<section><a href=\"{0}\">{0}</a></section>\n", location));
    answer.headers.emplace_back("Location", location);
    answer.headers.emplace_back("Restpoint-Job", std::to_string(what.id));
    return answer;
}

/// Hardly anybody reads it: perhaps who ended its sending, and was given up after long.
http::problem client_left(jobs::job_id id) {
    http::problem p;
    p.status = 503;
    p.code = "client_left";
    p.title = title_of(p.status);
    p.detail = fmt::format("this connection was taken for abandoned; job {} goes on", id);
    p.hint = "ask again: that joins the job; keep your side of the connection open meanwhile";
    p.headers.emplace_back("Restpoint-Job", std::to_string(id));
    return p;
}

/// Named with its job, so that who asks again after the restart can look instead of starting a second one.
http::problem restpoint_stops(jobs::job_id id) {
    http::problem p;
    p.status = 503;
    p.code = "stopping";
    p.title = title_of(p.status);
    p.detail = fmt::format("restpoint is stopping before job {} has ended", id);
    p.hint = "look at the job once restpoint is up again; asking again joins it while it runs";
    p.headers.emplace_back("Restpoint-Job", std::to_string(id));
    p.headers.emplace_back("Retry-After", "10");
    return p;
}

asio::awaitable<http::reply> when_it_has_ended(
    api_context& context, const http::request& asked, jobs::job_id id, job_stream_options options) {
    auto waited = co_await wait_with_client(context, asked, id, std::nullopt);
    if (!waited) {
        co_return classic_refusal(client_left(id), asked);
    }
    auto& ended = *waited;
    if (!ended) {
        log_hidden(asked, ended.error());
        co_return classic_refusal(to_problem(ended.error()), asked);
    }
    if (!is_final(ended->state)) {
        co_return classic_refusal(restpoint_stops(id), asked);
    }
    const bool good = ended->state == jobs::job_state::succeeded;
    if (!good && asks_for_json(asked)) {
        co_return http::to_response(problem_of(*ended), asked);
    }
    options.place = outcome_place::begin;
    const bool short_enough = ended->log_bytes <= largest_whole_log;
    auto answer = job_stream(context.jobs, std::move(*ended), std::move(options));
    answer.status = good ? 200 : 500;
    if (!short_enough) {
        co_return http::reply(std::move(answer));
    }
    http::response page{answer.status, answer.content_type, std::move(answer.headers), {}};
    page.body = co_await read_whole(*answer.body);
    for (auto& field : answer.body->trailers()) {
        page.headers.push_back(std::move(field));
    }
    co_return http::reply(std::move(page));
}

http::response refused_by_service(const jobs::rejection& why, const http::request& asked) {
    const auto what = to_problem(why);
    if (asks_for_json(asked) || !why.blocked_by) {
        return classic_refusal(what, asked);
    }
    return error_page(
        what,
        fmt::format(
            "<p><a href=\"/pgBackRest/jobs/{0}\">look at job {0}</a></p>\n", *why.blocked_by));
}

http::reply head_only() {
    http::streamed head;
    head.content_type = "text/html; charset=utf-8";
    head.headers = page_headers();
    head.body = text_body({});
    return http::reply(std::move(head));
}

} // namespace

std::string address_of_form(const http::request& asked) {
    std::string address = asked.path;
    char between = '?';
    for (const auto& [name, value] : asked.query) {
        address += between + http::query_escape(name) + '=' + http::query_escape(value);
        between = '&';
    }
    return address;
}

bool brings_token(api_context& context, const http::request& asked) {
    return asked.verb == http::method::post &&
           context.tokens.redeem(
               form_field(asked.body, "token"), asked.path, one_time_tokens::clock::now());
}

asio::awaitable<http::reply> classic_start(
    api_context& context, const http::request& asked, jobs::job_spec what, press button) {
    if (asked.verb == http::method::head) {
        co_return head_only();
    }
    const auto wanted = wishes_of(asked);
    if (!wanted) {
        co_return classic_refusal(noted(context, asked, to_problem(wanted.error())), asked);
    }
    if (auto refused = refuse_before_start(context, asked, what, button)) {
        co_return std::move(*refused);
    }
    auto taken = co_await start_job(context, asked, std::move(what), jobs::when_busy::join);
    if (!taken) {
        co_return refused_by_service(taken.error(), asked);
    }
    if (caller_of(asked) != caller::program) {
        co_return see_job_page(taken->what, asked);
    }
    job_stream_options options;
    options.level = wanted->level;
    options.keep_alive = context.keep_alive;
    if (wanted->wait) {
        auto answer =
            co_await when_it_has_ended(context, asked, taken->what.id, std::move(options));
        co_return answer;
    }
    co_return http::reply(job_stream(context.jobs, std::move(taken->what), std::move(options)));
}

http::response classic_refusal(const http::problem& why, const http::request& asked) {
    if (asks_for_json(asked)) {
        return http::to_response(why, asked);
    }
    return error_page(why);
}

} // namespace restpoint::api
