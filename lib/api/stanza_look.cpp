#include "api/stanza_look.hpp"

#include "api/answers.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>

namespace asio = boost::asio;

namespace restpoint::api {

namespace {

/// The newest job of a kind that ended.
asio::awaitable<std::optional<jobs::job>> last_run(api_context& context, jobs::job_kind kind) {
    jobs::job_filter newest;
    newest.kind = kind;
    newest.stanza = context.invocation.stanza;
    newest.limit = 8; // those in front of it are queued or run
    auto list = co_await context.jobs.list(std::move(newest));
    if (list) {
        for (auto& one : *list) {
            if (is_final(one.state)) {
                co_return std::move(one);
            }
        }
    }
    co_return std::nullopt;
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

asio::awaitable<stanza_findings> look_at_stanza(api_context& context) {
    stanza_findings found;
    found.name = context.invocation.stanza;
    found.info = co_await context.info.get();
    found.window = co_await context.window.get();
    found.postgres = failure{errc::unavailable, "nobody asked"};
    if (context.postgres_wal) {
        found.postgres = co_await context.postgres_wal();
    }
    found.last_backup = co_await last_run(context, jobs::job_kind::backup);
    found.last_check = co_await last_run(context, jobs::job_kind::check);
    found.last_verification = co_await last_run(context, jobs::job_kind::verify);
    found.now = std::chrono::system_clock::now();
    co_return found;
}

} // namespace restpoint::api
