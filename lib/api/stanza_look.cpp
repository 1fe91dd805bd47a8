#include "api/stanza_look.hpp"

#include "api/answers.hpp"
#include "api/within.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {

namespace {

/// The newest job of a kind that came to an end of its own, however many lie above it that wait,
/// run or were cancelled: these prove nothing.
asio::awaitable<result<std::optional<jobs::job>>> last_run(
    api_context& context, jobs::job_kind kind) {
    using enum jobs::job_state;
    std::optional<jobs::job> newest;
    for (const auto state : {succeeded, failed, interrupted}) {
        jobs::job_filter filter;
        filter.kind = kind;
        filter.state = state;
        filter.stanza = context.invocation.stanza;
        filter.limit = 1;
        auto list = co_await context.jobs.list(std::move(filter));
        if (!list) {
            co_return list.error();
        }
        if (!list->empty() && (!newest || newest->id < list->front().id)) {
            newest = std::move(list->front());
        }
    }
    co_return newest;
}

/// What `asked` gives within the patience of an answer; `timed_out` when it takes longer. What was
/// asked of pgbackrest goes on, and is there for who asks again.
template <class Value>
asio::awaitable<result<Value>> soon(
    std::chrono::milliseconds patience, std::string_view whom,
    asio::awaitable<result<Value>> asked) {
    auto told = co_await within(patience, std::move(asked));
    if (!told) {
        co_return failure{
            errc::timed_out,
            fmt::format(
                "{} has not answered within {} ms and is still at it", whom, patience.count()),
            "ask again in some seconds; if it lasts, look at the repository and the network"};
    }
    co_return std::move(*told);
}

/// Why no backup is known, which is not the same as that there is none; none where a repo was read.
std::optional<failure> nothing_read(const backrest::stanza_info& stanza) {
    std::optional<failure> why;
    for (const auto& repo : stanza.repos) {
        auto trouble = jobs::unreadable(stanza, repo.key);
        if (!trouble) {
            return std::nullopt;
        }
        if (!why) {
            why = failure{
                trouble->code, fmt::format("repo {} cannot be read: {}", repo.key, trouble->detail),
                trouble->hint};
        }
    }
    return why;
}

asio::awaitable<result<postgres::wal_facts>> ask_postgres(api_context& context) {
    if (!context.postgres_wal) {
        co_return failure{errc::unavailable, "nobody asked"};
    }
    auto told = co_await context.postgres_wal(); // has a deadline of its own
    co_return told;
}

} // namespace

asio::awaitable<result<std::shared_ptr<const jobs::info_answer>>> ask_info(api_context& context) {
    if (auto known = context.info.at_hand()) {
        co_return known;
    }
    auto told = co_await soon(context.patience, "pgbackrest info", context.info.get());
    co_return told;
}

asio::awaitable<result<std::shared_ptr<const jobs::window_answer>>> ask_window(
    api_context& context) {
    if (auto known = context.window.at_hand()) {
        co_return known;
    }
    auto told =
        co_await soon(context.patience, "the look at the WAL archive", context.window.get());
    co_return told;
}

asio::awaitable<result<stanza_findings>> look_at_backups(
    api_context& context, http::path_values path) {
    auto stanza = known_stanza(context.invocation.stanza, path);
    if (!stanza) {
        co_return stanza.error();
    }
    stanza_findings found;
    found.name = *stanza;
    found.info = co_await ask_info(context);
    if (!found.info) {
        co_return found.info.error();
    }
    if (found.stanza() == nullptr) {
        co_return failure{
            errc::unavailable,
            fmt::format("pgbackrest info says nothing of stanza '{}'", found.name),
            "look at what pgbackrest info --output=json prints"};
    }
    if (auto why = nothing_read(*found.stanza())) {
        co_return *std::move(why);
    }
    co_return found;
}

namespace {

/// The newest run of all schedules; none where there is none or the store does not say.
asio::awaitable<std::optional<past_run>> last_scheduled_run(
    api_context& context, const std::vector<schedule::configured>& all) {
    std::optional<past_run> newest;
    for (const auto& one : all) {
        auto runs = co_await context.outlook.schedule_runs(one.what.name, 1);
        if (runs && !runs->empty() && (!newest || newest->what.due < runs->front().due)) {
            newest.emplace();
            newest->what = std::move(runs->front());
        }
    }
    if (newest && newest->what.job) {
        const auto job = co_await context.jobs.find(*newest->what.job);
        newest->job_state = job ? std::optional(job->state) : std::nullopt;
    }
    co_return newest;
}

} // namespace

asio::awaitable<void> add_schedules(api_context& context, stanza_findings& found) {
    if (!context.schedules.configured || !context.outlook.next_runs ||
        !context.outlook.schedule_runs) {
        co_return;
    }
    const auto all = context.schedules.configured();
    for (const auto& run : context.outlook.next_runs()) {
        const auto of =
            std::ranges::find(all, run.schedule, [](const auto& one) { return one.what.name; });
        if (of != all.end()) {
            found.next_runs.push_back(
                {run.schedule,
                 std::string(to_string(of->what.what)),
                 of->what.type,
                 {run.due, run.start}});
        }
    }
    std::ranges::sort(found.next_runs, {}, [](const planned_run& one) {
        return std::tuple(one.when.start, one.schedule);
    });
    found.last_scheduled = co_await last_scheduled_run(context, all);
}

failure no_such_backup(const stanza_findings& found, std::string_view label) {
    return {
        errc::not_found, fmt::format("there is no backup '{}'", label),
        fmt::format("GET /api/v1/stanzas/{}/backups lists those there are", found.name)};
}

asio::awaitable<stanza_findings> look_around(api_context& context) {
    using namespace asio::experimental::awaitable_operators;
    stanza_findings found;
    found.name = context.invocation.stanza;
    auto known_info = context.info.at_hand();
    auto known_window = context.window.at_hand();
    if (known_info && known_window) {
        // As a rule, for whoever polls: without the timers that waiting for several takes.
        found.info = std::move(known_info);
        found.window = std::move(known_window);
        found.postgres = co_await ask_postgres(context);
    } else {
        // All at once: of three that hang, none waits for the others.
        auto asking_info = ask_info(context);
        auto asking_window = ask_window(context);
        auto asking_postgres = ask_postgres(context);
        auto [info, window, wal] = co_await (
            std::move(asking_info) && std::move(asking_window) && std::move(asking_postgres));
        found.info = std::move(info);
        found.window = std::move(window);
        found.postgres = std::move(wal);
    }
    if (context.restores.strange) {
        found.strange_restores = context.restores.strange();
    }
    found.now = std::chrono::system_clock::now();
    co_return found;
}

asio::awaitable<result<>> add_last_runs(api_context& context, stanza_findings& found) {
    const std::array wanted{
        std::pair{jobs::job_kind::backup, &found.last_backup},
        std::pair{jobs::job_kind::check, &found.last_check},
        std::pair{jobs::job_kind::verify, &found.last_verification}};
    result<> all;
    for (const auto& [kind, last] : wanted) {
        auto run = co_await last_run(context, kind);
        if (run) {
            *last = std::move(*run);
        } else {
            all = run.error();
        }
    }
    co_return all;
}

asio::awaitable<stanza_findings> look_at_stanza(api_context& context) {
    auto found = co_await look_around(context);
    const auto all = co_await add_last_runs(context, found);
    (void)all; // what the store does not tell is left out
    co_return found;
}

} // namespace restpoint::api
