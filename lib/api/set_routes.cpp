// What changes a backup set that is there: its annotations, and its end.
#include "api/answers.hpp"
#include "api/job_request.hpp"
#include "api/json_text.hpp"
#include "api/json_values.hpp"
#include "api/removal.hpp"
#include "api/routes.hpp"
#include "api/stanza_look.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <utility>

namespace asio = boost::asio;
namespace json = boost::json;

namespace restpoint::api {
namespace {

using http::path_values;
using http::reply;
using http::request;

bool has_set(const stanza_findings& found, std::string_view label, std::optional<int> repo) {
    const auto& all = found.stanza()->backups;
    return std::ranges::any_of(all, [&](const backrest::backup_info& one) {
        return one.label == label && (!repo || one.repo == *repo);
    });
}

asio::awaitable<reply> annotate_set(
    api_context& context, const request& asked, const path_values& path) {
    if (auto refused = refuse_change(context, asked, path)) {
        co_return std::move(*refused);
    }
    const auto label = path.find("label")->second;
    auto wanted = parse_annotate_request(asked.body, context.invocation.stanza, label);
    if (!wanted) {
        co_return refuse(context, asked, wanted.error());
    }
    auto again = co_await answer_again(context, asked);
    if (again) {
        co_return std::move(*again);
    }
    const auto found = co_await look_at_backups(context, path);
    if (!found) {
        co_return refuse(context, asked, found.error());
    }
    if (!has_set(*found, label, wanted->what.repo)) {
        co_return refuse(context, asked, no_such_backup(*found, label));
    }
    auto starting = start_for_program(context, asked, std::move(wanted->what), wanted->mode);
    auto answer = co_await std::move(starting);
    co_return answer;
}

/// The job, and beside its members what it takes away.
void add_labels(reply& answer, const std::vector<std::string>& labels) {
    auto* const job = std::get_if<http::response>(&answer);
    if (job == nullptr || job->status != 202) {
        return;
    }
    auto told = json::parse(job->body).as_object();
    json::array all;
    for (const auto& label : labels) {
        all.push_back(text(label));
    }
    told["removes"] = std::move(all);
    job->body = to_text(told);
}

asio::awaitable<reply> remove_set(
    api_context& context, const request& asked, const path_values& path) {
    if (auto refused = refuse_change(context, asked, path)) {
        co_return std::move(*refused);
    }
    const auto label = path.find("label")->second;
    auto wanted = parse_removal(asked, context.invocation.stanza, label);
    if (!wanted) {
        co_return refuse(context, asked, wanted.error());
    }
    auto again = co_await answer_again(context, asked);
    if (again) {
        co_return std::move(*again);
    }
    const auto found = co_await look_at_backups(context, path);
    if (!found) {
        co_return refuse(context, asked, found.error());
    }
    const auto labels = labels_to_remove(*found->stanza(), label, wanted->what.repo);
    if (!labels) {
        auto why = to_problem(labels.error(), "last_full_backup");
        co_return refuse(context, asked, std::move(why));
    }
    if (labels->empty()) {
        co_return refuse(context, asked, no_such_backup(*found, label));
    }
    auto starting = start_for_program(context, asked, std::move(wanted->what), wanted->mode);
    auto answer = co_await std::move(starting);
    add_labels(answer, *labels);
    co_return answer;
}

} // namespace

void add_set_routes(http::router& routes, api_context& context) {
    using enum http::method;
    using enum http::access;
    const std::string one = "/api/v1/stanzas/{stanza}/backups/{label}";
    routes.add(patch, operate, one, bind_context(context, annotate_set));
    routes.add(delete_, admin, one, bind_context(context, remove_set));
}

} // namespace restpoint::api
