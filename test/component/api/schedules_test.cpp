// The API v1: schedules.
#include "v1.hpp"

#include <algorithm>
#include <thread>

using namespace restpoint;
using namespace restpoint::test;

namespace {

const std::string schedules = "/api/v1/schedules";

// Of running_service: "nightly" (a full backup), "checks" (a check) and "off" (disabled).

std::vector<std::string> names(const boost::json::object& list) {
    std::vector<std::string> all;
    for (const auto& one : list.at("schedules").as_array()) {
        all.emplace_back(one.at("name").as_string());
    }
    return all;
}

} // namespace

TEST_CASE("the schedules are listed as they are configured", "[component][api]") {
    running_service service;

    const auto list = object(ask(service.port(), "GET", schedules));
    const auto nightly = object(ask(service.port(), "GET", schedules + "/nightly"));

    CHECK(names(list) == std::vector<std::string>{"nightly", "checks", "off"});
    CHECK(list.at("schedules").at(0) == nightly);
    CHECK(nightly.at("action") == "backup");
    CHECK(nightly.at("type") == "full");
    CHECK(nightly.at("time_zone") == "Europe/Berlin");
    CHECK(nightly.at("paused").is_null());
    CHECK(nightly.at("last_runs").as_array().empty());
    CHECK(list.at("schedules").at(2).at("enabled") == false);
    CHECK(list.at("schedules").at(2).at("next_runs").as_array().empty());
}

TEST_CASE("a schedule that is not there is not found", "[component][api]") {
    running_service service;
    CHECK(ask(service.port(), "GET", schedules + "/other").status == 404);
    for (const auto* hand : {"/run", "/pause", "/resume"}) {
        const auto refused = ask(service.port(), "POST", schedules + "/other" + hand);
        CHECK(refused.status == 404);
        CHECK(object(refused).at("code") == "not_found");
    }
    CHECK(service.job_count() == 0);
}

TEST_CASE("a schedule runs now when it is asked to, once for a key", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    const auto run = schedules + "/nightly/run";
    const std::string key = "Idempotency-Key: k\r\n";

    const auto started = ask(service.port(), "POST", run, key);
    const auto again = ask(service.port(), "POST", run, key);
    const auto refused = ask(service.port(), "POST", run);
    const auto waits = ask(service.port(), "POST", run, "", R"({"queue":true})");
    const auto wrong = ask(service.port(), "POST", run, "", R"({"type":"full"})");

    CHECK(started.status == 202);
    CHECK(started.headers.at("location") == "/api/v1/jobs/1");
    CHECK(object(started).at("kind") == "backup");
    CHECK(object(started).at("type") == "full");
    CHECK(object(again).at("id") == "1");
    CHECK(refused.status == 409);
    CHECK(object(refused).at("job") == "1");
    CHECK(waits.status == 202);
    CHECK(wrong.status == 400);
    CHECK(service.job_count() == 2);
    service.open_gate();
    CHECK(ended(service, job_path(waits)).at("state") == "succeeded");
}

TEST_CASE("a pause is told by the schedule and ends when it is resumed", "[component][api]") {
    running_service service;
    service.await_schedules();
    const auto before = object(ask(service.port(), "GET", schedules + "/checks"));
    CHECK(before.at("next_runs").as_array().size() == 5);

    const auto paused = ask(service.port(), "POST", schedules + "/checks/pause");
    CHECK(paused.status == 200);
    CHECK(object(paused).at("paused").at("by") == "http 127.0.0.1");
    CHECK(object(paused).at("next_runs").as_array().empty());
    CHECK(object(ask(service.port(), "GET", schedules + "/checks")) == object(paused));
    CHECK(object(ask(service.port(), "GET", schedules + "/nightly")).at("paused").is_null());

    const auto resumed = ask(service.port(), "POST", schedules + "/checks/resume");
    CHECK(resumed.status == 200);
    CHECK(object(resumed) == before);
    CHECK(
        service.audited() ==
        std::vector<std::string>{"paused schedule checks", "resumed schedule checks"});
}

TEST_CASE("a schedule that is disabled cannot be paused, and runs when asked", "[component][api]") {
    running_service service;
    const auto pause = ask(service.port(), "POST", schedules + "/off/pause");
    const auto resume = ask(service.port(), "POST", schedules + "/off/resume");
    const auto run = ask(service.port(), "POST", schedules + "/off/run");

    CHECK(pause.status == 409);
    CHECK(object(pause).at("code") == "schedule_disabled");
    CHECK(resume.status == 409);
    CHECK(object(resume).at("code") == "schedule_disabled");
    CHECK(ended(service, job_path(run)).at("state") == "succeeded");
}

TEST_CASE("no other site has a hand on a schedule", "[component][api]") {
    running_service service;
    const auto* const hand = GENERATE("/run", "/pause", "/resume");

    const auto refused = ask(
        service.port(), "POST", schedules + "/nightly" + hand, "Sec-Fetch-Site: cross-site\r\n");

    CHECK(refused.status == 403);
    CHECK(service.job_count() == 0);
    CHECK(object(ask(service.port(), "GET", schedules + "/nightly")).at("paused").is_null());
}

TEST_CASE("schedules that have not changed are not sent again", "[component][api]") {
    running_service service;
    service.await_schedules();
    const auto path = GENERATE(as<std::string>(), "", "/nightly");
    const auto first = ask(service.port(), "GET", schedules + path);
    const auto known = "If-None-Match: " + first.headers.at("etag") + "\r\n";

    CHECK(ask(service.port(), "GET", schedules + path, known).status == 304);
    ask(service.port(), "POST", schedules + "/nightly/pause");
    CHECK(ask(service.port(), "GET", schedules + path, known).status == 200);
}
