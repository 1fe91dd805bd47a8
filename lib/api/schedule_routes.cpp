// Schedules: what they are, what became of them, and a hand on them.
#include "api/answers.hpp"
#include "api/job_request.hpp"
#include "api/json_text.hpp"
#include "api/routes.hpp"
#include "api/schedule_json.hpp"
#include "http/conditional.hpp"
#include "schedule/job_of.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace asio = boost::asio;
namespace json = boost::json;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

constexpr int next_shown = 5;
constexpr int last_shown = 5;

result<schedule::configured> find_schedule(const api_context& context, const path_values& path) {
    const auto& name = path.find("name")->second;
    const auto all = context.schedules.configured();
    const auto found = std::ranges::find(
        all, name, [](const auto& one) -> const std::string& { return one.what.name; });
    if (found == all.end()) {
        return failure{
            errc::not_found, fmt::format("there is no schedule '{}'", name),
            "GET /api/v1/schedules lists those of the configuration"};
    }
    return *found;
}

asio::awaitable<result<schedule_view>> view_of(api_context& context, schedule::configured what) {
    auto looking = context.schedules.keeper->standing_of(what.what.name, next_shown, last_shown);
    auto seen = co_await std::move(looking);
    if (!seen) {
        co_return seen.error();
    }
    schedule_view view;
    view.of = std::move(what);
    view.paused = std::move(seen->paused);
    for (const auto& one : seen->next) {
        view.next.push_back({one.due, one.start});
    }
    for (auto& one : seen->last) {
        past_run past;
        if (one.job) {
            const auto job = co_await context.jobs.find(*one.job);
            past.job_state = job ? std::optional(job->state) : std::nullopt;
        }
        past.what = std::move(one);
        view.last.push_back(std::move(past));
    }
    co_return view;
}

asio::awaitable<reply> answer_with(
    api_context& context, const request& asked, schedule::configured what) {
    const auto view = co_await view_of(context, std::move(what));
    if (!view) {
        co_return failed(asked, view.error());
    }
    co_return http::conditional(json_response(200, to_text(schedule_json(*view))), asked);
}

asio::awaitable<reply> list_schedules(
    api_context& context, const request& asked, const path_values&) {
    json::array entries;
    const auto all = context.schedules.configured();
    for (const auto& one : all) {
        const auto view = co_await view_of(context, one);
        if (!view) {
            co_return failed(asked, view.error());
        }
        entries.push_back(schedule_json(*view));
    }
    json::object answer;
    answer["schedules"] = std::move(entries);
    co_return http::conditional(json_response(200, to_text(answer)), asked);
}

asio::awaitable<reply> show_schedule(
    api_context& context, const request& asked, const path_values& path) {
    auto found = find_schedule(context, path);
    if (!found) {
        co_return failed(asked, found.error());
    }
    auto answering = answer_with(context, asked, std::move(*found));
    auto answer = co_await std::move(answering);
    co_return answer;
}

/// The schedule that a request may change or run; otherwise why not, as an answer.
boost::system::result<schedule::configured, http::response> schedule_to_touch(
    api_context& context, const request& asked, const path_values& path) {
    if (const auto refused = http::check_change(asked)) {
        return http::to_response(noted(context, asked, to_problem(*refused)), asked);
    }
    auto found = find_schedule(context, path);
    if (!found) {
        return http::to_response(noted(context, asked, to_problem(found.error())), asked);
    }
    return std::move(*found);
}

/// Runs it now, whatever its times, a pause and the role of the server: somebody asked for it.
asio::awaitable<reply> run_schedule(
    api_context& context, const request& asked, const path_values& path) {
    const auto found = schedule_to_touch(context, asked, path);
    if (!found) {
        co_return found.error();
    }
    const auto mode = parse_queue_request(asked.body);
    if (!mode) {
        co_return http::to_response(noted(context, asked, to_problem(mode.error())), asked);
    }
    auto spec = schedule::job_of(found->what, context.invocation.stanza);
    auto starting = start_for_program(context, asked, std::move(spec), *mode);
    auto answer = co_await std::move(starting);
    co_return answer;
}

failure disabled(const std::string& name) {
    return {
        errc::conflict, fmt::format("the schedule '{}' is disabled in the configuration", name),
        "it runs nothing as long as it says enabled = false"};
}

enum class hand { pause, resume };

asio::awaitable<reply> put_hand_on(
    api_context& context, const request& asked, const path_values& path, hand how) {
    auto found = schedule_to_touch(context, asked, path);
    if (!found) {
        co_return found.error();
    }
    const auto name = found->what.name;
    if (!found->enabled) {
        auto why = to_problem(disabled(name), "schedule_disabled");
        co_return http::to_response(noted(context, asked, std::move(why)), asked);
    }
    auto& keeper = *context.schedules.keeper;
    auto changing = how == hand::pause ? keeper.pause(name, requester(asked)) : keeper.resume(name);
    const auto done = co_await std::move(changing);
    if (!done) {
        note_refusal(context, asked, done.error().detail);
        co_return failed(asked, done.error());
    }
    const auto* const verb = how == hand::pause ? "paused" : "resumed";
    note(context, asked, fmt::format("{} schedule {}", verb, name));
    auto answering = answer_with(context, asked, std::move(*found));
    auto answer = co_await std::move(answering);
    co_return answer;
}

asio::awaitable<reply> pause_schedule(
    api_context& context, const request& asked, const path_values& path) {
    return put_hand_on(context, asked, path, hand::pause);
}

asio::awaitable<reply> resume_schedule(
    api_context& context, const request& asked, const path_values& path) {
    return put_hand_on(context, asked, path, hand::resume);
}

} // namespace

void add_schedule_routes(http::router& routes, api_context& context) {
    using enum http::method;
    using enum http::access;
    if (context.schedules.keeper == nullptr) {
        return;
    }
    const std::string all = "/api/v1/schedules";
    const auto one = all + "/{name}";
    routes.add(get, viewer, all, bind_context(context, list_schedules));
    routes.add(get, viewer, one, bind_context(context, show_schedule));
    routes.add(post, operate, one + "/run", bind_context(context, run_schedule));
    routes.add(post, operate, one + "/pause", bind_context(context, pause_schedule));
    routes.add(post, operate, one + "/resume", bind_context(context, resume_schedule));
}

} // namespace restpoint::api
