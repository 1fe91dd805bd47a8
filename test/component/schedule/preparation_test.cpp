// The stanza that is made ready at start.
#include "component/jobs/service_fixture.hpp"
#include "schedule/preparation.hpp"

using namespace restpoint;
using namespace restpoint::schedule;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;

namespace {

boost::asio::awaitable<bool> answer(int& asked) {
    co_return ++asked >= 3;
}

preparation prepared(int& asked) {
    preparation what;
    what.stanza = "main";
    what.database_runs = [&asked] { return answer(asked); };
    what.ask_every = std::chrono::milliseconds{1};
    what.delay = std::chrono::milliseconds{1};
    return what;
}

boost::asio::awaitable<void> rest() {
    boost::asio::steady_timer timer(
        co_await boost::asio::this_coro::executor, std::chrono::milliseconds{20});
    co_await timer.async_wait(boost::asio::use_awaitable);
}

} // namespace

TEST_CASE("the stanza is made and checked once the database answers", "[component][schedule]") {
    const machine home;
    life now(home);
    int asked = 0;

    now.loop.finish("the preparation ends", prepare_stanza(prepared(asked), now.jobs));

    CHECK(asked == 3);
    const auto calls = home.calls();
    REQUIRE(calls.size() == 2);
    CHECK_THAT(calls[0], ContainsSubstring("stanza-create"));
    CHECK_THAT(calls[1], ContainsSubstring("check"));
}

TEST_CASE("a stanza-create that waits already is enough", "[component][schedule]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    job_spec what{.kind = job_kind::backup, .stanza = "main"};
    what.type = backrest::backup_type::full;
    now.submit_and_begin(what);
    now.submit({.kind = job_kind::stanza_create, .stanza = "main"}, when_busy::queue);
    int asked = 0;
    bool ended = false;
    boost::asio::co_spawn(
        now.loop.executor(), prepare_stanza(prepared(asked), now.jobs),
        [&ended](const std::exception_ptr&) { ended = true; });
    now.loop.until("the database answers", [&] { return asked >= 3; });
    now.loop.finish("a time behind its delay", rest()); // timers end in order

    CHECK(now.jobs.unfinished().size() == 2);
    for (const auto* gate : {"backup", "stanza-create", "check"}) {
        home.open_gate(gate);
    }
    now.loop.until("the preparation ends", [&] { return ended; });
    CHECK(home.calls().size() == 3);
}

TEST_CASE("a stanza that cannot be made is not checked", "[component][schedule]") {
    const machine home;
    life now(home, {.mode = "fail"});
    int asked = 0;

    now.loop.finish("the preparation ends", prepare_stanza(prepared(asked), now.jobs));

    CHECK(home.calls().size() == 1);
}
