#include "schedule/preparation.hpp"

#include "base/log.hpp"
#include "jobs/exclusion.hpp"

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

/// One that an earlier start has left waiting is enough: a service that is started again and again
/// beside a long backup would fill the queue.
asio::awaitable<boost::system::result<jobs::submission, jobs::rejection>> submit_once(
    jobs::job_spec spec, jobs::service& jobs) {
    const auto waiting = jobs.unfinished();
    if (const auto* twin = jobs::twin_of(waiting, spec)) {
        co_return jobs::submission{*twin, true};
    }
    auto taken = co_await jobs.submit(std::move(spec), "start", jobs::when_busy::queue);
    co_return taken;
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
        const auto submitted = co_await submit_once(std::move(spec), jobs);
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
