#include "api/restore_plan_json.hpp"
#include "support/catch.hpp"
#include "unit/restore/restorable.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;
using namespace restpoint;
using namespace restpoint::api;
using namespace restpoint::restore::test;
using restore::reason;
using restore::target_kind;

namespace {

void check_refused(std::string_view body, const std::string& why) {
    const auto asked = parse_plan_request(body);
    INFO(body);
    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().code == errc::invalid);
    CHECK_THAT(asked.error().detail, ContainsSubstring(why));
    CHECK_FALSE(asked.error().hint.empty());
}

json::object shown(const restore::plan& made) {
    const backrest::invocation how{"pgbackrest", "/etc/pgbackrest.conf", "main"};
    return json::parse(plan_json(made, {"7", "abc"}, how)).as_object();
}

} // namespace

TEST_CASE("a plan may be asked for with every part, or with none", "[api]") {
    const auto asked = parse_plan_request(
                           R"({"target": {"type": "time", "value": "2026-11-22T08:30:00Z"},
        "timeline": 2, "set": "20261122-064235F", "repo": 3, "way": "in_place",
        "acknowledge": ["standbys_attached", "commits_missing"]})")
                           .value();
    CHECK(asked.to.kind == target_kind::time);
    CHECK(asked.timeline == 2);
    CHECK(asked.set == "20261122-064235F");
    CHECK(asked.repo == 3);
    CHECK(asked.how == restore::way::in_place);
    CHECK(asked.acknowledged == std::vector{reason::standbys_attached, reason::commits_missing});

    CHECK(parse_plan_request("").value().to.kind == target_kind::latest);
    const auto nulls = parse_plan_request(R"({"timeline": null, "set": null, "repo": null,
        "way": null})");
    CHECK_FALSE(nulls.value().timeline.has_value());
    CHECK_FALSE(nulls.value().how.has_value());
    CHECK(
        parse_plan_request(R"({"target": {"type": "immediate"}})").value().to.kind ==
        target_kind::immediate);
}

TEST_CASE("a request for a plan that cannot be meant is refused by its member", "[api]") {
    check_refused("nonsense", "not JSON");
    check_refused("[]", "not a JSON object");
    check_refused(R"({"when": 1})", "member 'when' is not known");
    check_refused(R"({"target": "latest"})", "member 'target' is not an object");
    check_refused(R"({"target": {}})", "member 'target.type' is missing");
    check_refused(R"({"target": {"type": "yesterday"}})", "'target.type' is 'yesterday'");
    check_refused(R"({"target": {"type": 1}})", "'target.type' is not a string");
    check_refused(R"({"target": {"type": "lsn", "lsn": "0/1"}})", "'target.lsn' is not known");
    check_refused(R"({"target": {"type": "lsn", "value": "--x"}})", "target lsn '--x'");
    check_refused(R"({"timeline": 0})", "member 'timeline'");
    check_refused(R"({"timeline": 4294967296})", "member 'timeline'");
    check_refused(R"({"timeline": "1"})", "member 'timeline'");
    check_refused(R"({"set": 1})", "member 'set' is not a string");
    check_refused(R"({"set": "--delta"})", "member 'set' is no label");
    check_refused(R"({"repo": 257})", "member 'repo'");
    check_refused(R"({"way": "sideways"})", "member 'way'");
    check_refused(R"({"way": 1})", "member 'way'");
    check_refused(R"({"acknowledge": "all"})", "member 'acknowledge' is not an array");
    check_refused(R"({"acknowledge": ["no_room"]})", "cannot be acknowledged");
    check_refused(R"({"acknowledge": [1]})", "cannot be acknowledged");
}

TEST_CASE("a plan shows what it would do", "[api]") {
    restorable world;
    world.segments(1, 1, 40).backup("20261122-064235F", 1, 5, 6).live(1, 50);
    world.room() = restore::disk_room{20'000'000'000, 9};
    world.earlier() = {{10'000'000'000, 12}};

    const auto told = shown(world.make(to_lsn(0x9000000)));
    CHECK(told.at("stanza") == "main");
    CHECK(told.at("can_be_carried_out") == true);
    CHECK(told.at("target") == json::object({{"type", "lsn"}, {"value", "0/9000000"}}));
    CHECK(told.at("set") == "20261122-064235F");
    CHECK(told.at("timeline").as_int64() == 1);
    CHECK(told.at("repo").as_int64() == 1);
    CHECK(
        told.at("wal") ==
        json::object({{"from", "000000010000000000000005"}, {"to", "000000010000000000000009"}}));
    CHECK(told.at("way") == "beside");
    CHECK(told.at("expected_s").as_int64() == 12);
    CHECK(told.at("expected_downtime_s").is_null());
    CHECK(told.at("id") == "7");
    CHECK(told.at("digest") == "abc");
    CHECK(told.at("system_id") == "7000000000000000001");
    CHECK(told.at("data_directory") == "/pg/data");
    CHECK(told.at("lost").at("wal_bytes").as_int64() > 0);
    CHECK(told.at("refusals").as_array().empty());
    CHECK_FALSE(told.at("commands").as_array().empty());
}

TEST_CASE("a refused plan shows why, and no commands", "[api]") {
    restorable nothing;
    const auto told = shown(nothing.make(restore::test::latest));
    CHECK(told.at("can_be_carried_out") == false);
    CHECK(told.at("set").is_null());
    CHECK(told.at("timeline").is_null());
    CHECK(told.at("room").is_null());
    CHECK(told.at("way").is_null());
    CHECK(told.at("expected_s").is_null());
    CHECK(told.at("wal") == json::object({{"from", nullptr}, {"to", nullptr}}));
    CHECK(told.at("commands").as_array().empty());
    CHECK(told.at("system_id").is_null());
    const auto& refusal = told.at("refusals").as_array().at(0).as_object();
    CHECK(refusal.at("code") == "no_backup");
    CHECK(refusal.at("can_be_acknowledged") == false);

    const backrest::stanza_info empty;
    CHECK(shown(restore::make_plan({}, {.stanza = empty, .archives = {}})).at("repo").is_null());
}
