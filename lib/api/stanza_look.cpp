#include "api/stanza_look.hpp"

#include "api/answers.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <optional>
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

} // namespace

asio::awaitable<result<stanza_findings>> look_at_backups(
    api_context& context, http::path_values path) {
    auto stanza = known_stanza(context.invocation.stanza, path);
    if (!stanza) {
        co_return stanza.error();
    }
    stanza_findings found;
    found.name = *stanza;
    found.info = co_await context.info.get();
    if (!found.info) {
        co_return found.info.error();
    }
    if (found.stanza() == nullptr) {
        co_return failure{
            errc::unavailable,
            fmt::format("pgbackrest info says nothing of stanza '{}'", found.name),
            "look at what pgbackrest info --output=json prints"};
    }
    co_return found;
}

failure no_such_backup(const stanza_findings& found, std::string_view label) {
    return {
        errc::not_found, fmt::format("there is no backup '{}'", label),
        fmt::format("GET /api/v1/stanzas/{}/backups lists those there are", found.name)};
}

asio::awaitable<stanza_findings> look_around(api_context& context) {
    stanza_findings found;
    found.name = context.invocation.stanza;
    found.info = co_await context.info.get();
    found.window = co_await context.window.get();
    found.postgres = failure{errc::unavailable, "nobody asked"};
    if (context.postgres_wal) {
        found.postgres = co_await context.postgres_wal();
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
