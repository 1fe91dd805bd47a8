// A request that is sent again under its key.
#include "service_fixture.hpp"

using namespace restpoint;
using namespace restpoint::jobs;
using namespace restpoint::jobs::test;
using backrest::backup_type;

namespace {

const request_key the_key{"http ::1", "8e03978e", "d1"};

auto submit_as(life& now, job_spec what, const request_key& key = the_key) {
    return now.loop.get(
        "a submission", now.jobs.submit(std::move(what), "test", when_busy::refuse, key));
}

} // namespace

TEST_CASE("a hundred requests at once under one key are one job", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    using pending = hand_driven_loop::pending<life::submitted>;
    std::vector<std::shared_ptr<pending>> asked;
    for (int i = 0; i < 100; ++i) {
        asked.push_back(now.loop.start(
            now.jobs.submit(a(backup_type::full), "test", when_busy::refuse, the_key)));
    }

    now.loop.until("all are answered", [&] {
        return std::ranges::all_of(asked, [](const auto& one) { return one->ended(); });
    });

    int fresh = 0;
    for (const auto& one : asked) {
        REQUIRE(one->value);
        REQUIRE(one->value->has_value());
        CHECK((*one->value)->what.id == 1);
        fresh += (*one->value)->joined ? 0 : 1;
    }
    CHECK(fresh == 1);
    CHECK(now.jobs.unfinished().size() == 1);
    home.open_gate("backup");
    CHECK(now.ended(1).state == job_state::succeeded);
    CHECK(home.calls().size() == 1);
}

TEST_CASE("asking again finds the job at its end, after a restart too", "[component][jobs]") {
    const machine home;
    {
        life first(home);
        const auto taken = submit_as(first, a(backup_type::full));
        first.ended(taken->what.id);
        CHECK(submit_as(first, a(backup_type::full))->what.state == job_state::succeeded);
    }
    life second(home);
    second.adopt();

    const auto again = submit_as(second, a(backup_type::full));

    REQUIRE(again.has_value());
    CHECK(again->joined);
    CHECK(again->what.id == 1);
    CHECK(again->what.state == job_state::succeeded);
    CHECK(home.calls().size() == 1);
}

TEST_CASE(
    "another request under the same key is told so, and starts nothing", "[component][jobs]") {
    const machine home;
    life now(home);
    const auto taken = submit_as(now, a(backup_type::full));
    now.ended(taken->what.id);
    auto other = the_key;
    other.digest = "d2";

    const auto refused = submit_as(now, a(backup_type::incr), other);

    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().key_of == 1);
    CHECK(refused.error().why.code == errc::conflict);
    CHECK(now.loop.get("the last id", now.rows().last_id()).value() == 1);
}

TEST_CASE("keys of several callers are apart", "[component][jobs]") {
    const machine home;
    life now(home);
    const auto taken = submit_as(now, a(job_kind::check));
    now.ended(taken->what.id);
    auto mine = the_key;
    mine.scope = "token nightly";
    mine.digest = "d2";

    const auto other = submit_as(now, a(job_kind::check), mine);

    REQUIRE(other.has_value());
    CHECK(other->what.id == 2);
}

TEST_CASE("a request that was refused leaves its key free", "[component][jobs]") {
    const machine home;
    life now(home, {.mode = "wait-for-file"});
    const auto running = now.submit_and_begin(a(backup_type::full));

    const auto refused = submit_as(now, a(backup_type::diff));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().blocked_by == running.id);
    CHECK_FALSE(refused.error().key_of);

    home.open_gate("backup");
    now.ended(running.id);
    const auto taken = submit_as(now, a(backup_type::diff));
    REQUIRE(taken.has_value());
    CHECK_FALSE(taken->joined);
    CHECK(taken->what.id == 2);
}

TEST_CASE("a key goes with the job that retention takes", "[component][jobs]") {
    const machine home;
    life now(home);
    const auto taken = submit_as(now, a(job_kind::check));
    now.ended(taken->what.id);
    REQUIRE(now.loop.get("remove", now.rows().remove_jobs({taken->what.id})));

    const auto again = submit_as(now, a(job_kind::check));

    REQUIRE(again.has_value());
    CHECK_FALSE(again->joined);
    CHECK(again->what.id == 2);
}

TEST_CASE("a key stands for its request for a day", "[component][jobs]") {
    const machine home;
    life now(home);
    const auto taken = submit_as(now, a(job_kind::check));
    now.ended(taken->what.id);
    home.sql("update request_keys set at_us = at_us - 24 * 3600000000 - 1;");

    const auto again = submit_as(now, a(job_kind::check));

    REQUIRE(again.has_value());
    CHECK(again->what.id == 2);
}

TEST_CASE("a store that cannot be asked for a key starts nothing", "[component][jobs]") {
    const machine home;
    life now(home);
    home.sql("drop table request_keys;");

    const auto refused = submit_as(now, a(job_kind::check));

    REQUIRE_FALSE(refused.has_value());
    CHECK_FALSE(refused.error().key_of);
    CHECK(now.jobs.unfinished().empty());
}
