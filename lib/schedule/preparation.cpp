#include "schedule/preparation.hpp"

#include "base/log.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace asio = boost::asio;

namespace restpoint::schedule {

namespace {

asio::awaitable<void> sleep_for(std::chrono::milliseconds how_long) {
    asio::steady_timer timer(co_await asio::this_coro::executor, how_long);
    co_await timer.async_wait(asio::use_awaitable);
}

} // namespace

asio::awaitable<void> prepare_stanza(preparation what, jobs::service& jobs) {
    for (bool runs = false; !runs;) {
        runs = co_await what.database_runs();
        if (!runs) {
            co_await sleep_for(what.ask_every);
        }
    }
    co_await sleep_for(what.delay);
    for (const auto kind : {jobs::job_kind::stanza_create, jobs::job_kind::check}) {
        jobs::job_spec spec;
        spec.kind = kind;
        spec.stanza = what.stanza;
        const auto submitted =
            co_await jobs.submit(std::move(spec), "start", jobs::when_busy::queue);
        if (!submitted) {
            log::error(
                "the stanza could not be made ready",
                {{"stanza", what.stanza}, {"error", submitted.error().why.detail}});
            co_return;
        }
        const auto ended = co_await jobs.wait(submitted->what.id, std::nullopt);
        if (!ended || ended->state != jobs::job_state::succeeded) {
            co_return;
        }
    }
}

} // namespace restpoint::schedule
