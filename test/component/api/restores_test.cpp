// The API v1: what starts restores and takes them back. None runs here: there is no server to stop.
#include "restore_world.hpp"

using namespace restpoint;
using namespace restpoint::test;
namespace json = boost::json;

namespace {

const std::string restores = "/api/v1/stanzas/main/restores";

std::string body_of(const json::object& plan, const std::string& confirm = "main") {
    return json::serialize(
        json::object{{"plan", plan.at("id")}, {"digest", plan.at("digest")}, {"confirm", confirm}});
}

web_answer send(planning& at, const std::string& body) {
    return ask(at.service().port(), "POST", restores, "", body);
}

const std::string wish = R"({"target": {"type": "immediate"}, "timeline": 1, "way": "in_place"})";

} // namespace

TEST_CASE("a plan is carried out as a job", "[component][api]") {
    planning at;
    const auto plan = at.ask_for(wish);

    const auto answer = send(at, body_of(plan));

    CHECK(answer.status == 202);
    CHECK(object(answer).at("kind") == "restore");
    CHECK(object(answer).at("stanza") == "main");
    CHECK(answer.headers.at("location").starts_with("/api/v1/jobs/"));
}

TEST_CASE("a restore that is asked for twice under one key is one job", "[component][api]") {
    planning at;
    const auto body = body_of(at.ask_for(wish));
    const auto again = [&] {
        return ask(at.service().port(), "POST", restores, "Idempotency-Key: k\r\n", body);
    };
    const auto first = again();
    CHECK(first.status == 202);
    CHECK(object(again()).at("id") == object(first).at("id"));
}

TEST_CASE("a plan that has changed is not carried out", "[component][api]") {
    planning at;
    const auto plan = at.ask_for(wish);
    auto other = plan;
    other["digest"] = "0";
    const auto forged = send(at, body_of(other));
    CHECK(forged.status == 409);
    CHECK(object(forged).at("code") == "plan_changed");

    at.around().where.inode = 9;
    at.service().pretend(at.around());
    const auto moved = send(at, body_of(plan));
    CHECK(moved.status == 409);
    CHECK(object(moved).at("code") == "plan_changed");

    at.around().stop_files = {"/tmp/pgbackrest/main.stop"};
    at.service().pretend(at.around());
    const auto stopped = send(at, body_of(plan));
    CHECK(stopped.status == 422);
    CHECK(object(stopped).at("code") == "plan_refused");
    CHECK(at.service().job_count() == 0);
}

TEST_CASE("a plan whose way is not known is not carried out", "[component][api]") {
    planning at;
    const auto plan = at.ask_for(R"({"target": {"type": "immediate"}, "timeline": 1})");
    const auto answer = send(at, body_of(plan));
    CHECK(answer.status == 422);
    CHECK(object(answer).at("hint").as_string().find("in_place") != std::string::npos);

    const auto known = at.ask_for(wish);
    auto body = json::parse(body_of(known)).as_object();
    body["way"] = "beside";
    CHECK(send(at, json::serialize(body)).status == 409);
}

TEST_CASE("a restore needs a plan that is known, and the stanza's name", "[component][api]") {
    planning at;
    const auto plan = at.ask_for(wish);
    CHECK(send(at, body_of(plan, "other")).status == 400);
    CHECK(send(at, R"({"plan": "0", "digest": "0", "confirm": "main"})").status == 404);
    CHECK(send(at, "").status == 400);
    CHECK(
        ask(at.service().port(), "POST", "/api/v1/stanzas/other/restores", "", body_of(plan))
            .status == 404);
    CHECK(
        ask(at.service().port(), "POST", restores, "Sec-Fetch-Site: cross-site\r\n", body_of(plan))
            .status == 403);
    CHECK(at.service().job_count() == 0);
}

TEST_CASE("only a restore that succeeded is undone or forgotten", "[component][api]") {
    planning at;
    const auto backup = at.service().write_job(jobs::job_kind::backup, jobs::job_state::succeeded);
    const std::string body = R"({"confirm": "main"})";
    for (const auto* const what : {"undo", "forget"}) {
        const auto path = "/api/v1/jobs/" + std::to_string(backup) + "/" + what;
        const auto answer = ask(at.service().port(), "POST", path, "", body);
        CHECK(answer.status == 409);
        CHECK(object(answer).at("code") == "restore_not_open");
        CHECK(ask(at.service().port(), "POST", path, "", "").status == 400);
        CHECK(
            ask(at.service().port(), "POST", path, "Sec-Fetch-Site: cross-site\r\n", body).status ==
            403);
        CHECK(
            ask(at.service().port(), "POST", "/api/v1/jobs/99999/" + std::string(what), "", body)
                .status == 404);
    }
}
