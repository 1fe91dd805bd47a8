// GET /metrics
#include "api/info_metrics.hpp"
#include "api/job_metrics.hpp"
#include "api/routes.hpp"
#include "api/service_metrics.hpp"
#include "api/stanza_look.hpp"
#include "api/stanza_metrics.hpp"

#include <memory>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

constexpr int looked_at_runs = 100;
constexpr std::size_t most_schedules = 100;

struct counting {
    job_counts counts = {};
    bool recalled = false; ///< what ended before this process began
};

/// The newest of each kind that ended well and badly: retention keeps them for ever.
asio::awaitable<void> recall(api_context& context, std::shared_ptr<counting> known) {
    using enum jobs::job_state;
    for (const auto kind : counted_kinds) {
        for (const auto state : {succeeded, failed, interrupted}) {
            jobs::job_filter newest;
            newest.kind = kind;
            newest.state = state;
            newest.limit = 1;
            const auto found = co_await context.jobs.list(newest);
            if (!found) {
                co_return; // asked again with the next scrape
            }
            for (const auto& one : *found) {
                known->counts.remember(one);
            }
        }
    }
    known->recalled = true;
}

asio::awaitable<void> add_stanza(
    metrics_page& page, api_context& context, const std::vector<jobs::job>& unfinished) {
    const auto found = co_await look_at_stanza(context);
    const auto said = found.info ? *found.info : nullptr;
    add_info_metrics(page, said.get(), context.invocation.stanza, unfinished, found.now);
    add_version_metric(page, context.outlook.pgbackrest);
    add_stanza_metrics(page, found);
}

asio::awaitable<void> add_schedules(metrics_page& page, const outlook& known) {
    if (!known.next_runs || !known.schedule_runs) {
        co_return;
    }
    auto next = known.next_runs();
    next.resize(std::min(next.size(), most_schedules));
    for (const auto& one : next) {
        const auto runs = co_await known.schedule_runs(one.schedule, looked_at_runs);
        if (runs) {
            add_schedule_metrics(page, one, *runs);
        }
    }
}

void add_service(metrics_page& page, const api_context& context) {
    if (context.outlook.server) {
        add_server_metrics(page, context.outlook.server(), context.logs.statistics());
    }
    add_process_metrics(page, measure_own_process(), context.version);
    std::error_code ec;
    const auto room = std::filesystem::space(context.outlook.state_folder, ec);
    if (!ec) {
        add_disk_metrics(page, room);
    }
}

asio::awaitable<http::reply> metrics(api_context& context, std::shared_ptr<counting> known) {
    if (!known->recalled) {
        co_await recall(context, known);
    }
    metrics_page page;
    const auto unfinished = context.jobs.unfinished();
    known->counts.write(page, unfinished);
    co_await add_stanza(page, context, unfinished);
    co_await add_schedules(page, context.outlook);
    add_service(page, context);
    http::response answer;
    answer.content_type = metrics_content_type;
    answer.body = page.text();
    co_return answer;
}

} // namespace

void add_metrics_routes(http::router& routes, api_context& context) {
    const auto known = std::make_shared<counting>();
    context.jobs.on_finished([known](const jobs::job& ended) { known->counts.count(ended); });
    routes.add(
        http::method::get, http::access::viewer, "/metrics",
        [&context, known](const http::request&, const http::path_values&) {
            return metrics(context, known);
        });
}

} // namespace restpoint::api
