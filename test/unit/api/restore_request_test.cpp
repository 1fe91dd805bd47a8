#include "api/restore_request.hpp"
#include "restore/order.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace restpoint;
using namespace restpoint::api;
using jobs::job_kind;

namespace {

const wall_time now{std::chrono::seconds{1795384501}};

std::string refused(std::string_view body) {
    const auto asked = parse_restore_request(body, "main");
    INFO(body);
    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().code == errc::invalid);
    CHECK_FALSE(asked.error().hint.empty());
    return asked.error().detail;
}

jobs::job restored(jobs::job_id id) {
    restore::order what;
    what.stanza = "main";
    what.data = "/pg/data";
    what.set = "20261122-064235F";
    what.digest = "0123456789abcdef";
    what.databases = {"shop"};
    what.folder = "folder of " + std::to_string(id);
    jobs::job made;
    made.id = id;
    made.spec.kind = job_kind::restore;
    made.spec.order = restore::to_json(what);
    made.state = jobs::job_state::succeeded;
    return made;
}

/// A job that did `kind` to the restore `of`.
jobs::job after(jobs::job_id id, job_kind kind, jobs::job_id of) {
    auto made = restored(id);
    auto order = restore::parse_order(made.spec.order).value();
    order.of = "folder of " + std::to_string(of);
    made.spec.order = restore::to_json(order);
    made.spec.kind = kind;
    return made;
}

std::string why_not(job_kind what, const jobs::job& of, const std::vector<jobs::job>& others) {
    const auto order = order_after_restore(what, {of, others, now});
    REQUIRE_FALSE(order.has_value());
    CHECK(order.error().code == errc::conflict);
    CHECK_FALSE(order.error().hint.empty());
    return order.error().detail;
}

} // namespace

TEST_CASE("a restore is asked for by its plan, its digest and the stanza's name", "[api]") {
    const auto asked =
        parse_restore_request(
            R"({"plan": "p", "digest": "d", "confirm": "main", "way": "beside"})", "main")
            .value();
    CHECK(asked.plan == "p");
    CHECK(asked.digest == "d");
    CHECK(asked.how == restore::way::beside);
    CHECK_FALSE(parse_restore_request(
                    R"({"plan": "p", "digest": "d", "confirm": "main", "way": null})", "main")
                    .value()
                    .how.has_value());
}

TEST_CASE("a request for a restore that lacks something is refused by its member", "[api]") {
    CHECK_THAT(refused(""), ContainsSubstring("'confirm' is missing"));
    CHECK_THAT(refused("[]"), ContainsSubstring("not a JSON object"));
    CHECK_THAT(refused(R"({"confirm": "other"})"), ContainsSubstring("'confirm' is not the name"));
    CHECK_THAT(refused(R"({"confirm": 1})"), ContainsSubstring("'confirm' is not a string"));
    CHECK_THAT(refused(R"({"confirm": "main"})"), ContainsSubstring("'plan' is missing"));
    CHECK_THAT(
        refused(R"({"confirm": "main", "plan": "p"})"), ContainsSubstring("'digest' is missing"));
    CHECK_THAT(refused(R"({"plan": 1})"), ContainsSubstring("'plan' is not a string"));
    CHECK_THAT(refused(R"({"digest": 1})"), ContainsSubstring("'digest' is not a string"));
    CHECK_THAT(refused(R"({"way": "up"})"), ContainsSubstring("'way'"));
    CHECK_THAT(refused(R"({"way": 1})"), ContainsSubstring("'way'"));
    CHECK_THAT(refused(R"({"force": true})"), ContainsSubstring("'force' is not known"));
}

TEST_CASE("an undo needs the stanza's name, and may wait its turn", "[api]") {
    CHECK(parse_confirmation(R"({"confirm": "main"})", "main").value() == jobs::when_busy::refuse);
    CHECK(
        parse_confirmation(R"({"confirm": "main", "queue": true})", "main").value() ==
        jobs::when_busy::queue);
    CHECK(
        parse_confirmation(R"({"confirm": "main", "queue": false})", "main").value() ==
        jobs::when_busy::refuse);
    CHECK_FALSE(parse_confirmation(R"({"confirm": "main", "queue": 1})", "main").has_value());
    CHECK_FALSE(parse_confirmation(R"({"confirm": "x"})", "main").has_value());
    CHECK_FALSE(parse_confirmation("", "main").has_value());
    CHECK_FALSE(parse_confirmation(R"({"confirm": "main", "plan": "p"})", "main").has_value());
}

TEST_CASE("the newest restore can be undone, and any be forgotten", "[api]") {
    const auto first = restored(3);
    const std::vector others{restored(3), restored(9), after(10, job_kind::undo, 9)};

    const auto undo = order_after_restore(job_kind::undo, {first, others, now});
    const auto order = restore::parse_order(undo.value()).value();
    CHECK(order.what == restore::errand::undo);
    CHECK(order.of == "folder of 3");
    CHECK(order.folder.find("01234567") != std::string::npos);
    CHECK(order.data == "/pg/data");
    CHECK(order.set == "20261122-064235F");
    CHECK(order.databases.empty());

    const std::vector newer{restored(3), restored(9)};
    const auto forget = order_after_restore(job_kind::forget, {first, newer, now});
    CHECK(restore::parse_order(forget.value()).value().what == restore::errand::forget);
}

TEST_CASE(
    "the undo of a restore in place leads to the end of the timeline that was left", "[api]") {
    auto first = restored(3);
    auto order = restore::parse_order(first.spec.order).value();
    order.how = restore::way::in_place;
    order.to = restore::make_target(restore::target_kind::lsn, "0/16B3748").value();
    order.timeline = 4;
    order.wal_to = "000000040000000000000009";
    order.back_set = "20261121-064250F";
    order.back_timeline = 5;
    first.spec.order = restore::to_json(order);

    const auto undo = order_after_restore(job_kind::undo, {first, {}, now});

    const auto told = restore::parse_order(undo.value()).value();
    CHECK(told.to == restore::target{});
    CHECK(told.set == "20261121-064250F");
    CHECK(told.timeline == 5);
    CHECK(told.wal_to.empty());
    CHECK(told.back_set == "20261122-064235F");

    order.back_set.clear();
    first.spec.order = restore::to_json(order);
    CHECK_THAT(why_not(job_kind::undo, first, {}), ContainsSubstring("nothing leads back"));
}

TEST_CASE("what is over is neither undone nor forgotten", "[api]") {
    const auto one = restored(3);
    auto failed = restored(3);
    failed.state = jobs::job_state::failed;
    auto backup = restored(3);
    backup.spec.kind = job_kind::backup;

    CHECK_THAT(why_not(job_kind::undo, failed, {}), ContainsSubstring("no restore that succeeded"));
    CHECK_THAT(why_not(job_kind::forget, backup, {}), ContainsSubstring("is a backup"));
    CHECK_THAT(
        why_not(job_kind::undo, one, {after(4, job_kind::undo, 3)}),
        ContainsSubstring("undone by job 4"));
    CHECK_THAT(
        why_not(job_kind::forget, one, {after(4, job_kind::undo, 3)}),
        ContainsSubstring("undone by job 4"));
    CHECK_THAT(
        why_not(job_kind::undo, one, {after(4, job_kind::forget, 3)}),
        ContainsSubstring("given up by job 4"));
    CHECK_THAT(
        why_not(job_kind::undo, one, {restored(9)}),
        ContainsSubstring("job 9 has restored another cluster"));

    auto strange = restored(3);
    strange.spec.order = "{}";
    CHECK_FALSE(order_after_restore(job_kind::undo, {strange, {}, now}).has_value());
}
