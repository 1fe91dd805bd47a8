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

/// The newest job of a kind that ended.
asio::awaitable<result<std::optional<jobs::job>>> last_run(
    api_context& context, jobs::job_kind kind) {
    jobs::job_filter newest;
    newest.kind = kind;
    newest.stanza = context.invocation.stanza;
    newest.limit = 8; // those in front of it are queued or run
    auto list = co_await context.jobs.list(std::move(newest));
    if (!list) {
        co_return list.error();
    }
    for (auto& one : *list) {
        if (is_final(one.state)) {
            co_return std::move(one);
        }
    }
    co_return std::optional<jobs::job>();
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
