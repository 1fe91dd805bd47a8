// Paused schedules, in the store.
#include "jobs/sqlite.hpp"
#include "store_fixture.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using std::chrono::hours;

namespace {

constexpr wall_time noon{std::chrono::seconds{1'795'262'400}};
const schedule_pause nightly{"nightly", noon, "http ::1"};

std::vector<schedule_pause> paused(store& rows) {
    auto all = run(rows.pauses());
    REQUIRE(all);
    return std::move(*all);
}

schedule_run passed_at(wall_time due) {
    schedule_run made;
    made.schedule = "nightly";
    made.due = due;
    made.outcome = run_outcome::paused;
    made.reason = "paused by http ::1";
    made.recorded = due;
    return made;
}

} // namespace

TEST_CASE("a pause stays until it is over, whatever ends in between", "[component][jobs]") {
    const temporary_folder folder;
    {
        const auto rows = opened(folder.path());
        CHECK(paused(*rows).empty());
        REQUIRE(run(rows->pause(nightly)));
    }
    const auto rows = opened(folder.path());
    CHECK(paused(*rows) == std::vector{nightly});

    REQUIRE(run(rows->resume("nightly", std::nullopt)));
    CHECK(paused(*rows).empty());
    CHECK(run(rows->schedule_runs("nightly", 10)).value().empty());
}

TEST_CASE("a second pause does not replace the first", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    REQUIRE(run(rows->pause(nightly)));

    REQUIRE(run(rows->pause({"nightly", noon + hours{1}, "somebody else"})));

    CHECK(paused(*rows) == std::vector{nightly});
}

TEST_CASE("the end of a pause settles what had passed", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    REQUIRE(run(rows->remember({"nightly", "f", noon})));
    REQUIRE(run(rows->pause(nightly)));

    REQUIRE(run(rows->resume("nightly", passed_at(noon + hours{1}))));

    CHECK(paused(*rows).empty());
    CHECK(run(rows->recall("nightly")).value()->covered == noon + hours{1});
    CHECK(
        run(rows->schedule_runs("nightly", 10)).value() == std::vector{passed_at(noon + hours{1})});
}

TEST_CASE("what is settled already does not keep a pause from ending", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    REQUIRE(run(rows->remember({"nightly", "f", noon + hours{2}})));
    REQUIRE(run(rows->pause(nightly)));

    REQUIRE(run(rows->resume("nightly", passed_at(noon + hours{1}))));

    CHECK(paused(*rows).empty());
    CHECK(run(rows->schedule_runs("nightly", 10)).value().empty());
}

TEST_CASE("pauses of schedules that are gone are forgotten", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    REQUIRE(run(rows->pause(nightly)));
    REQUIRE(run(rows->pause({"weekly", noon, "x"})));

    REQUIRE(run(rows->forget_all_but({"other", "nightly"})));
    CHECK(paused(*rows) == std::vector{nightly});

    REQUIRE(run(rows->forget_all_but({})));
    CHECK(paused(*rows).empty());
}

TEST_CASE("a store without its table says so", "[component][jobs]") {
    const temporary_folder folder;
    const auto rows = opened(folder.path());
    {
        auto raw = database::open(folder.path() / "restpoint.db");
        REQUIRE(raw);
        REQUIRE((*raw)->run("drop table schedule_pauses;"));
    }

    CHECK_FALSE(run(rows->pauses()).has_value());
    CHECK_FALSE(run(rows->pause(nightly)).has_value());
    CHECK_FALSE(run(rows->resume("nightly", std::nullopt)).has_value());
    CHECK_FALSE(run(rows->forget_all_but({"x"})).has_value());
}
