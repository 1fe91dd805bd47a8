#include "api/restore_fate.hpp"

#include "api/restore_request.hpp"
#include "api/routes.hpp"
#include "jobs/backup_behind.hpp"
#include "restore/order.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace asio = boost::asio;
namespace json = boost::json;

namespace restpoint::api {
namespace {

using jobs::job_kind;
using namespace std::chrono_literals;

/// How long a request waits for the end of what it has cancelled, which takes a moment as a rule.
constexpr auto patience = 8s;

constexpr std::size_t most_restores = 500;

bool is_restore_done(const jobs::job& what) {
    return what.spec.kind == job_kind::restore && what.state == jobs::job_state::succeeded;
}

} // namespace

asio::awaitable<result<std::vector<jobs::job>>> list_restores(api_context& context) {
    std::vector<jobs::job> all;
    for (const auto kind : {job_kind::restore, job_kind::undo, job_kind::forget}) {
        jobs::job_filter filter;
        filter.kind = kind;
        filter.state = jobs::job_state::succeeded;
        filter.stanza = context.invocation.stanza;
        filter.limit = most_restores;
        auto listing = context.jobs.list(std::move(filter));
        auto list = co_await std::move(listing);
        if (!list) {
            co_return list.error();
        }
        all.insert(all.end(), list->begin(), list->end());
    }
    co_return all;
}

std::string report_with_fate(const jobs::job& what, std::span<const jobs::job> others) {
    boost::system::error_code bad;
    auto report = json::parse(what.report, bad);
    const auto order = restore::parse_order(what.spec.order);
    if (!is_restore_done(what) || bad || !report.is_object() || !order) {
        return what.report;
    }
    const auto by = [&](job_kind kind) {
        return std::ranges::find_if(
            others, [&](const jobs::job& one) { return is_about(one, kind, order->folder); });
    };
    const auto undone = by(job_kind::undo);
    const bool forgotten = by(job_kind::forget) != others.end();
    auto& told = report.get_object();
    told["undone_by"] =
        undone == others.end() ? json::value(nullptr) : json::value(std::to_string(undone->id));
    told["forgotten"] = forgotten;
    if (forgotten || undone != others.end()) {
        told["can_be_undone"] = false;
        told["previous"] = nullptr;
        told["reversible_until"] = nullptr;
    }
    return json::serialize(report);
}

asio::awaitable<void> add_fates(api_context& context, std::vector<jobs::job>& all) {
    if (std::ranges::none_of(all, is_restore_done)) {
        co_return;
    }
    auto listing = list_restores(context);
    const auto others = co_await std::move(listing);
    if (!others) {
        co_return; // the jobs are told as they ended
    }
    for (auto& one : all) {
        one.report = report_with_fate(one, *others);
    }
}

asio::awaitable<jobs::when_busy> make_way(
    api_context& context, const http::request& asked, jobs::when_busy mode) {
    const auto all = context.jobs.unfinished();
    if (!std::ranges::all_of(all, jobs::follows_restore)) {
        co_return mode; // somebody else's is in the way all the same
    }
    for (const auto& one : all) {
        auto cancelling = context.jobs.cancel(one.id, requester(asked));
        const auto cancelled = co_await std::move(cancelling);
        if (!cancelled) {
            continue; // it has ended meanwhile
        }
        note(context, asked, fmt::format("cancelled job {}", one.id));
        auto waiting = context.jobs.wait(one.id, patience);
        const auto ended = co_await std::move(waiting);
        if (ended && !is_final(ended->state)) {
            mode = jobs::when_busy::queue;
        }
    }
    co_return mode;
}

} // namespace restpoint::api
