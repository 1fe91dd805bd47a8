#include "api/restore_planning.hpp"

#include "api/earlier_restores.hpp"
#include "api/problems.hpp"
#include "api/within.hpp"
#include "auth/secrets.hpp"
#include "restore/order.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {
namespace {

/// The newest answer that `cache` can give; asks again while it gives an old one. The caller sets the
/// end to that.
template <class Answer, class Cache>
asio::awaitable<result<std::shared_ptr<const Answer>>> ask_until_new(
    Cache& cache, std::chrono::milliseconds pause) {
    for (;;) {
        auto asking = cache.get();
        auto told = co_await std::move(asking);
        if (!told || !(*told)->stale) {
            co_return told;
        }
        asio::steady_timer timer(co_await asio::this_coro::executor, pause);
        co_await timer.async_wait(asio::use_awaitable);
    }
}

template <class Answer, class Cache>
asio::awaitable<result<std::shared_ptr<const Answer>>> ask_anew(
    Cache& cache, const restore_desk& desk, std::string_view whom) {
    cache.drop();
    auto told = co_await within(desk.patience, ask_until_new<Answer>(cache, desk.pause));
    if (!told) {
        co_return failure{
            errc::timed_out,
            fmt::format("{} has not answered within {} ms", whom, desk.patience.count()),
            "a plan needs to know what is in the repository now: look at it and at the network"};
    }
    co_return std::move(*told);
}

asio::awaitable<std::vector<restore::earlier_restore>> look_at_earlier(
    api_context& context, const backrest::stanza_info& stanza) {
    jobs::job_filter filter;
    filter.kind = jobs::job_kind::restore;
    filter.state = jobs::job_state::succeeded;
    filter.stanza = context.invocation.stanza;
    filter.limit = 10;
    auto listing = context.jobs.list(std::move(filter));
    const auto list = co_await std::move(listing);
    // What the store does not tell is only left out of the estimate.
    co_return list ? earlier_restores(*list, stanza) : std::vector<restore::earlier_restore>{};
}

asio::awaitable<void> look_at_set(
    const restore_desk& desk, const backrest::backup_info& set, restore::plan_facts& facts) {
    auto asking = desk.tablespaces(set.label, set.repo);
    auto told = co_await std::move(asking);
    if (told) {
        facts.details = restore::set_details{set.repo, set.label, std::move(*told)};
    } else {
        facts.around.warnings.push_back(told.error().detail);
    }
}

/// To the end of the present timeline, over what WAL there is: more nobody can ask for, once the
/// present files are gone.
restore::plan_request way_back(const restore::plan& from, const restore::plan_facts& facts) {
    restore::plan_request back;
    back.to.kind = restore::target_kind::latest;
    const auto present = facts.present_timeline();
    back.timeline = present != 0 ? present : from.timeline;
    back.repo = static_cast<int>(from.repo);
    back.acknowledged = {restore::reason::commits_missing};
    return back;
}

} // namespace

asio::awaitable<result<planned>> plan_restore(api_context& context, restore::plan_request asked) {
    auto& desk = context.restores;
    auto asking_info = ask_anew<jobs::info_answer>(context.info, desk, "pgbackrest info");
    const auto info = co_await std::move(asking_info);
    if (!info) {
        co_return info.error();
    }
    const auto& name = context.invocation.stanza;
    const auto& stanzas = (*info)->stanzas;
    const auto stanza = std::find_if(
        stanzas.begin(), stanzas.end(), [&](const auto& one) { return one.name == name; });
    if (stanza == stanzas.end()) {
        co_return failure{
            errc::unavailable, fmt::format("pgbackrest info says nothing of stanza '{}'", name),
            "look at what pgbackrest info --output=json prints"};
    }
    auto asking_window =
        ask_anew<jobs::window_answer>(context.window, desk, "the look at the WAL archive");
    const auto window = co_await std::move(asking_window);
    if (!window) {
        co_return window.error();
    }
    auto looking = desk.look();
    auto around = co_await std::move(looking);
    auto remembering = look_at_earlier(context, *stanza);
    around.earlier = co_await std::move(remembering);
    around.controlled = desk.can_stop;
    for (auto& one : desk.strange ? desk.strange() : std::vector<std::string>()) {
        around.warnings.push_back(std::move(one));
    }
    restore::plan_facts facts{
        .stanza = *stanza,
        .archives = (*window)->archives,
        .around = std::move(around),
        .now = std::chrono::system_clock::now()};
    planned all;
    all.made = restore::make_plan(asked, facts);
    if (all.made.set && !facts.around.tablespaces.empty() && desk.tablespaces) {
        auto asking = look_at_set(desk, *all.made.set, facts);
        co_await std::move(asking);
        all.made = restore::make_plan(asked, facts);
    }
    all.digest = auth::sha256_hex(restore::essence(all.made, name));
    all.back = restore::make_plan(way_back(all.made, facts), facts);
    all.stanza = *stanza;
    all.server_runs = facts.around.live.has_value();
    co_return all;
}

std::optional<http::problem> cannot_be_carried_out(const planned& what, const restore_desk& desk) {
    constexpr unsigned unprocessable = 422;
    http::problem why;
    why.status = unprocessable;
    why.title = title_of(unprocessable);
    why.code = "plan_refused";
    if (what.server_runs && !desk.can_stop) {
        why.code = "postgres_not_controlled";
        why.detail = "postgres.control is none: restpoint cannot stop the server that runs";
        why.hint = "set postgres.control, or stop the server first";
        return why;
    }
    if (!what.made.can_be_carried_out()) {
        const auto& first = what.made.refusals.front();
        why.detail = first.message;
        why.hint = first.hint;
        return why;
    }
    if (!what.made.how) {
        why.detail = "it is not known whether there is room for the restore";
        why.hint = "ask for a plan with a way: beside, or in_place";
        return why;
    }
    return std::nullopt;
}

jobs::job_spec restore_job(
    const api_context& context, const planned& what, after_it then,
    std::vector<std::string> databases) {
    std::error_code error;
    const auto data = std::filesystem::weakly_canonical(what.made.where.data_directory, error);
    auto order = restore::order_of(
        what.made, what.back, what.stanza, error ? what.made.where.data_directory : data);
    order.digest = what.digest;
    order.folder = restore::folder_name(std::chrono::system_clock::now(), what.digest);
    order.databases = std::move(databases);
    order.start = then == after_it::start;
    jobs::job_spec spec;
    spec.kind = jobs::job_kind::restore;
    spec.stanza = context.invocation.stanza;
    spec.order = restore::to_json(order);
    return spec;
}

} // namespace restpoint::api
