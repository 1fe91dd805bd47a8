// The stanza that is made ready at start.
#include "component/jobs/service_fixture.hpp"
#include "schedule/preparation.hpp"

using namespace restpoint;
using namespace restpoint::schedule;
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

TEST_CASE("a stanza that cannot be made is not checked", "[component][schedule]") {
    const machine home;
    life now(home, {.mode = "fail"});
    int asked = 0;

    now.loop.finish("the preparation ends", prepare_stanza(prepared(asked), now.jobs));

    CHECK(home.calls().size() == 1);
}
