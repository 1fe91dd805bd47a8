// What starts a job: POST on the collections of a stanza, and on the stanza itself.
#include "api/answers.hpp"
#include "api/idempotency.hpp"
#include "api/job_request.hpp"
#include "api/job_wait.hpp"
#include "api/parameters.hpp"
#include "api/routes.hpp"

#include <fmt/format.h>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

asio::awaitable<reply> start_operation(
    api_context& context, const request& asked, const path_values& path, jobs::job_kind kind) {
    if (auto refused = refuse_change(context, asked, path)) {
        co_return std::move(*refused);
    }
    auto wanted = parse_job_request(kind, asked.body, context.invocation.stanza);
    if (!wanted) {
        co_return refuse(context, asked, wanted.error());
    }
    auto answer = co_await start_for_program(context, asked, std::move(wanted->what), wanted->mode);
    co_return answer;
}

/// 202, at once or as long after as the client prefers to wait.
asio::awaitable<reply> answer_accepted(api_context& context, const request& asked, jobs::job what) {
    const auto wait = granted_wait(context, asked);
    if (!wait) {
        co_return accepted(what);
    }
    auto waiting = wait_as_preferred(context, asked, what, *wait);
    auto ended = co_await std::move(waiting);
    auto answer = accepted(ended ? *ended : what); // it is accepted, whatever comes later
    answer.headers.push_back(applied(*wait));
    co_return answer;
}

auto start(jobs::job_kind kind) {
    return [kind](api_context& context, const request& asked, const path_values& path) {
        return start_operation(context, asked, path, kind);
    };
}

} // namespace

asio::awaitable<reply> start_for_program(
    api_context& context, const request& asked, jobs::job_spec what, jobs::when_busy mode) {
    auto key = request_key_of(asked);
    if (!key) {
        co_return http::to_response(noted(context, asked, to_problem(key.error())), asked);
    }
    auto starting = start_job(context, asked, std::move(what), mode, std::move(*key));
    auto taken = co_await std::move(starting);
    if (!taken) {
        co_return http::to_response(to_problem(taken.error()), asked);
    }
    auto answering = answer_accepted(context, asked, std::move(taken->what));
    auto answer = co_await std::move(answering);
    co_return answer;
}

asio::awaitable<std::optional<reply>> answer_again(api_context& context, const request& asked) {
    auto key = request_key_of(asked);
    if (!key) {
        co_return http::to_response(noted(context, asked, to_problem(key.error())), asked);
    }
    if (!*key) {
        co_return std::nullopt;
    }
    auto recognising = context.jobs.recognise(std::move(**key));
    auto known = co_await std::move(recognising);
    if (!known) {
        co_return std::nullopt;
    }
    if (!*known) {
        const auto& why = known->error();
        log_hidden(asked, why.why);
        note_refusal(context, asked, why.why.detail);
        co_return http::to_response(to_problem(why), asked);
    }
    note(context, asked, fmt::format("joined job {}", (*known)->what.id));
    auto answering = answer_accepted(context, asked, std::move((*known)->what));
    auto answer = co_await std::move(answering);
    co_return answer;
}

void add_operation_routes(http::router& routes, api_context& context) {
    using enum http::method;
    using enum http::access;
    using enum jobs::job_kind;
    const auto add = [&](http::access who, const char* what, jobs::job_kind kind) {
        routes.add(
            post, who, std::string("/api/v1/stanzas/{stanza}") + what,
            bind_context(context, start(kind)));
    };
    add(operate, "/backups", backup);
    add(operate, "/checks", check);
    add(operate, "/verifications", verify);
    add(admin, "/expirations", expire);
    add(admin, "", stanza_create);
    add(admin, "/upgrade", stanza_upgrade);
}

} // namespace restpoint::api
