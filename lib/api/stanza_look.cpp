#include "api/stanza_look.hpp"

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
