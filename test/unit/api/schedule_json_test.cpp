#include "api/schedule_json.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace restpoint::api {
namespace {

schedule_view nightly() {
    schedule::definition_text text;
    text.name = "nightly";
    text.type = "diff";
    text.cron = "30 2 * * *";
    text.time_zone = "Europe/Berlin";
    text.jitter = std::chrono::seconds{600};
    schedule_view view;
    view.of.what = schedule::make_definition(text).value();
    return view;
}

boost::json::object written(const schedule_view& view) {
    return schedule_json(view).as_object();
}

} // namespace

TEST_CASE("a schedule is told as it is configured", "[unit][api]") {
    CHECK(written(nightly()) == boost::json::parse(R"({
            "name": "nightly", "action": "backup", "type": "diff", "cron": "30 2 * * *",
            "time_zone": "Europe/Berlin", "jitter_s": 600, "catch_up": true, "run_on": "primary",
            "claim": false, "enabled": true, "paused": null, "next_runs": [], "last_runs": []})"));
}

TEST_CASE("a schedule that is no backup has no type", "[unit][api]") {
    schedule::definition_text text;
    text.name = "check";
    text.action = "check";
    text.cron = "@hourly";
    text.run_on = "any";
    schedule_view view;
    view.of = {schedule::make_definition(text).value(), false};

    const auto json = written(view);

    CHECK(json.at("type").is_null());
    CHECK(json.at("action") == "check");
    CHECK(json.at("run_on") == "any");
    CHECK(json.at("enabled") == false);
}

TEST_CASE("runs to come are told in UTC and by the clock of the schedule", "[unit][api]") {
    auto view = nightly();
    view.next.push_back({morning(), morning() + std::chrono::seconds{90}});

    CHECK(written(view).at("next_runs") == boost::json::parse(R"([{
            "due": "2026-11-22T08:00:00.000Z", "due_local": "2026-11-22T09:00:00+01:00",
            "start": "2026-11-22T08:01:30.000Z"}])"));
}

TEST_CASE("runs that were are told with what became of them", "[unit][api]") {
    auto view = nightly();
    jobs::schedule_run run;
    run.schedule = "nightly";
    run.due = morning();
    run.late = true;
    run.job = 12;
    run.recorded = morning();
    view.last.push_back({run, jobs::job_state::failed});
    run.late = false;
    run.job = {};
    run.outcome = jobs::run_outcome::missed;
    run.reason = "the machine slept";
    view.last.push_back({run, {}});
    run.outcome = jobs::run_outcome::left;
    run.reason = "claimed by db-2";
    run.left_to = "db-2";
    view.last.push_back({run, {}});

    CHECK(written(view).at("last_runs") == boost::json::parse(R"([
            {"due": "2026-11-22T08:00:00.000Z", "outcome": "started", "late": true, "job": "12",
             "job_state": "failed", "reason": null, "left_to": null, "recorded": "2026-11-22T08:00:00.000Z"},
            {"due": "2026-11-22T08:00:00.000Z", "outcome": "missed", "late": false, "job": null,
             "job_state": null, "reason": "the machine slept", "left_to": null,
             "recorded": "2026-11-22T08:00:00.000Z"},
            {"due": "2026-11-22T08:00:00.000Z", "outcome": "left", "late": false, "job": null,
             "job_state": null, "reason": "claimed by db-2", "left_to": "db-2",
             "recorded": "2026-11-22T08:00:00.000Z"}])"));
}

TEST_CASE("a pause is told with who asked for it, and since when", "[unit][api]") {
    auto view = nightly();
    view.paused = jobs::schedule_pause{"nightly", morning(), "http 127.0.0.1"};

    CHECK(
        written(view).at("paused") ==
        boost::json::parse(R"({"since": "2026-11-22T08:00:00.000Z", "by": "http 127.0.0.1"})"));
}

} // namespace restpoint::api
