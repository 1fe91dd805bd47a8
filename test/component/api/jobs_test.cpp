// The API v1: jobs and their logs.
#include "v1.hpp"

namespace json = boost::json;
using namespace restpoint;
using namespace restpoint::test;

namespace {

const std::string backups = "/api/v1/stanzas/main/backups";

/// Follows the log to its end, which comes when the job has ended.
std::string followed(const running_service& service, const std::string& path) {
    return ask(service.port(), "GET", path + "/log?follow=true").body;
}

} // namespace

TEST_CASE("a backup is accepted with its place, and ends with its label", "[component][api]") {
    running_service service;
    const auto accepted = ask(
        service.port(), "POST", backups, "", R"({"type":"full","annotations":{"reason":"test"}})");

    CHECK(accepted.status == 202);
    CHECK(accepted.headers.at("location") == "/api/v1/jobs/1");
    CHECK(accepted.headers.contains("retry-after"));
    CHECK(object(accepted).at("state") == "queued");

    const auto job = ended(service, job_path(accepted));
    CHECK(job.at("state") == "succeeded");
    CHECK(job.at("exit_code") == 0);
    CHECK(job.at("requested_by") == "http 127.0.0.1");
    CHECK(job.at("annotations") == json::object{{"reason", "test"}});
    CHECK(job.at("result").at("label") == "20261122-064235F");
    CHECK(job.at("log").at("lines").as_int64() > 5);
    CHECK_FALSE(job.at("finished").is_null());
}

TEST_CASE("a failed job tells why in its JSON", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=fail"});
    const auto accepted = ask(service.port(), "POST", backups, "", R"({"type":"incr"})");

    const auto job = ended(service, job_path(accepted));
    CHECK(job.at("state") == "failed");
    CHECK(job.at("error").at("code") == 82);
    CHECK(job.at("error").at("name") == "archive-timeout");
    CHECK_FALSE(job.at("error").at("hint").is_null());
}

TEST_CASE("a bad body and a foreign stanza start nothing", "[component][api]") {
    running_service service;
    const auto bad = ask(service.port(), "POST", backups, "", R"({"type":"huge"})");
    const auto other =
        ask(service.port(), "POST", "/api/v1/stanzas/other/backups", "", R"({"type":"full"})");

    CHECK(bad.status == 400);
    CHECK(bad.headers.at("content-type") == "application/problem+json");
    CHECK(object(bad).at("code") == "invalid");
    CHECK_THAT(bad.body, ContainsSubstring("'type'"));
    CHECK(other.status == 404);
    CHECK(service.job_count() == 0);
    CHECK(service.audited().size() == 2);
}

TEST_CASE(
    "a busy stanza refuses with the job in the way, or queues on request", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    const auto first = ask(service.port(), "POST", backups, "", R"({"type":"full"})");
    const auto refused = ask(service.port(), "POST", backups, "", R"({"type":"full"})");
    const auto queued = ask(service.port(), "POST", backups, "", R"({"type":"incr","queue":true})");

    CHECK(refused.status == 409);
    CHECK(object(refused).at("job") == "1");
    CHECK(object(refused).at("code") == "job_in_the_way");
    CHECK(object(queued).at("state") == "queued");
    CHECK(service.job_count() == 2);

    service.open_gate();
    CHECK(ended(service, job_path(first)).at("state") == "succeeded");
    CHECK(ended(service, job_path(queued)).at("state") == "succeeded");
}

TEST_CASE("a queued job's page waits and then shows all of it", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    ask(service.port(), "POST", backups, "", R"({"type":"full"})");
    ask(service.port(), "POST", backups, "", R"({"type":"incr","queue":true})");
    web_client page(service.port(), "GET", "/pgBackRest/jobs/2");
    page.until("queued");

    service.open_gate();
    const auto whole = page.whole();
    CHECK_THAT(whole.body, ContainsSubstring("new backup label = 20261122-064235F_"));
    CHECK_THAT(whole.body, ContainsSubstring("<h1> Success </h1> <br/>"));
}

TEST_CASE(
    "a cancelled job is accepted, and cannot be cancelled twice at its end", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=hang"});
    const auto path = job_path(ask(service.port(), "POST", backups, "", R"({"type":"full"})"));
    web_client(service.port(), "GET", path + "/log?follow=true").until("backup command begin");

    const auto cancelled = ask(service.port(), "POST", path + "/cancel");
    CHECK(cancelled.status == 202);
    CHECK_FALSE(object(cancelled).at("cancel_requested").is_null());
    const auto job = ended(service, path);
    CHECK(job.at("state") == "cancelled");

    const auto again = ask(service.port(), "POST", path + "/cancel");
    CHECK(again.status == 409);
    CHECK(object(again).at("code") == "job_ended");
    CHECK(service.audited().at(1) == "cancelled job 1");
}

TEST_CASE("ids that name no job are not found", "[component][api]") {
    running_service service;
    for (const auto* id : {"1", "0", "-1", "abc", "99999999999999999999"}) {
        INFO(id);
        const auto path = std::string("/api/v1/jobs/") + id;
        const auto job = ask(service.port(), "GET", path);
        CHECK(job.status == 404);
        CHECK(object(job).at("code") == "not_found");
        CHECK(ask(service.port(), "GET", path + "/log").status == 404);
        CHECK(ask(service.port(), "POST", path + "/cancel").status == 404);
    }
}

TEST_CASE("the list is paged, newest first, and filtered", "[component][api]") {
    running_service service;
    for (int i = 0; i < 3; ++i) {
        ended(service, job_path(ask(service.port(), "POST", backups, "", R"({"type":"full"})")));
    }
    const auto page = object(ask(service.port(), "GET", "/api/v1/jobs?limit=2"));
    CHECK(page.at("jobs").as_array().size() == 2);
    CHECK(page.at("jobs").at(0).at("id") == "3");
    CHECK(page.at("next_cursor") == "2");

    const auto rest = object(ask(service.port(), "GET", "/api/v1/jobs?limit=2&cursor=2"));
    CHECK(rest.at("jobs").as_array().size() == 1);
    CHECK(rest.at("jobs").at(0).at("id") == "1");
    CHECK(rest.at("next_cursor").is_null());

    const auto failed = object(ask(service.port(), "GET", "/api/v1/jobs?state=failed"));
    CHECK(failed.at("jobs").as_array().empty());
    CHECK(ask(service.port(), "GET", "/api/v1/jobs?state=done").status == 400);
    const auto mistyped = ask(service.port(), "GET", "/api/v1/jobs?status=failed");
    CHECK(mistyped.status == 400);
    CHECK_THAT(mistyped.body, ContainsSubstring("no parameter 'status'"));
    CHECK_THAT(mistyped.body, ContainsSubstring("allowed: state, kind, stanza, limit, cursor"));
}

TEST_CASE("a full last page leads to no empty one", "[component][api]") {
    running_service service;
    ended(
        service, "/api/v1/jobs/" +
                     ask(service.port(), "GET", "/pgBackRest/create").headers.at("restpoint-job"));
    for (int i = 0; i < 2; ++i) {
        ended(service, job_path(ask(service.port(), "POST", backups, "", R"({"type":"full"})")));
    }

    const auto last = object(ask(service.port(), "GET", "/api/v1/jobs?kind=backup&limit=2"));
    const auto more = object(ask(service.port(), "GET", "/api/v1/jobs?kind=backup&limit=1"));

    CHECK(last.at("jobs").as_array().size() == 2);
    CHECK(last.at("next_cursor").is_null());
    CHECK(more.at("next_cursor") == "3");
}

TEST_CASE("the raw log has a length, and is given by range", "[component][api]") {
    running_service service;
    const auto path = job_path(ask(service.port(), "POST", backups, "", R"({"type":"full"})"));
    const auto as_followed = followed(service, path);
    ended(service, path);

    const auto log = path + "/log";
    const auto whole = ask(service.port(), "GET", log);
    const auto size = std::to_string(whole.body.size());
    CHECK(whole.status == 200);
    CHECK(whole.body == as_followed);
    CHECK(whole.headers.at("content-type") == "text/plain; charset=utf-8");
    CHECK(whole.headers.at("accept-ranges") == "bytes");
    CHECK(whole.headers.at("content-length") == size);

    const auto part = ask(service.port(), "GET", log, "Range: bytes=10-29\r\n");
    CHECK(part.status == 206);
    CHECK(part.body == whole.body.substr(10, 20));
    CHECK(part.headers.at("content-range") == "bytes 10-29/" + size);

    const auto tail = ask(service.port(), "GET", log, "Range: bytes=-7\r\n");
    CHECK(tail.body == whole.body.substr(whole.body.size() - 7));

    const auto beyond = ask(service.port(), "GET", log, "Range: bytes=" + size + "-\r\n");
    CHECK(beyond.status == 416);
    CHECK(beyond.headers.at("content-range") == "bytes */" + size);

    const auto conditional =
        ask(service.port(), "GET", log, "Range: bytes=10-29\r\nIf-Range: \"x\"\r\n");
    CHECK(conditional.status == 200);
    CHECK(conditional.body == whole.body);
}

TEST_CASE("the log of a running job is what there is, or grows when followed", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    const auto log =
        job_path(ask(service.port(), "POST", backups, "", R"({"type":"full"})")) + "/log";
    web_client follower(service.port(), "GET", log + "?follow=true");
    const auto growing = follower.until("check archive for prior segment");

    const auto now = ask(service.port(), "GET", log);
    CHECK(now.complete);
    CHECK_THAT(now.body, ContainsSubstring("backup command begin"));
    const auto part = ask(service.port(), "GET", log, "Range: bytes=0-9\r\n");
    CHECK(part.status == 206);
    CHECK(part.headers.at("content-range") == "bytes 0-9/*");
    CHECK_FALSE(growing.complete);
    CHECK_FALSE(growing.headers.contains("accept-ranges"));

    service.open_gate();
    const auto whole = follower.whole();
    CHECK_THAT(whole.body, ContainsSubstring("expire command end: completed"));
}

TEST_CASE("a level leaves lines out and takes no range", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=slow", "FAKE_INTERVAL_MS=1"});
    const auto path = job_path(ask(service.port(), "POST", backups, "", R"({"type":"full"})"));
    ended(service, path);

    const auto info = ask(service.port(), "GET", path + "/log?level=info", "Range: bytes=0-9\r\n");
    const auto detail = ask(service.port(), "GET", path + "/log?level=detail&follow=true");
    const auto bad = ask(service.port(), "GET", path + "/log?level=loud");

    CHECK(info.status == 200);
    CHECK_THAT(info.body, ContainsSubstring("INFO: backup command begin"));
    CHECK_THAT(info.body, !ContainsSubstring("DETAIL"));
    CHECK_THAT(detail.body, ContainsSubstring("DETAIL: backup file"));
    CHECK(bad.status == 400);
}

TEST_CASE("a log that retention took is gone", "[component][api]") {
    running_service service;
    const auto path = job_path(ask(service.port(), "POST", backups, "", R"({"type":"full"})"));
    ended(service, path);
    service.remove_log(1);

    const auto raw = ask(service.port(), "GET", path + "/log");
    const auto levelled = ask(service.port(), "GET", path + "/log?level=info");
    const auto page = ask(service.port(), "GET", "/pgBackRest/jobs/1");

    CHECK(raw.status == 410);
    CHECK(object(raw).at("code") == "gone");
    CHECK_THAT(raw.body, ContainsSubstring("removed by retention"));
    CHECK(levelled.status == 410);
    CHECK_THAT(levelled.body, ContainsSubstring("removed by retention"));
    CHECK(page.complete);
    CHECK_THAT(page.body, ContainsSubstring("<h1> Success </h1> <br/>"));
}

TEST_CASE("a job that retention took is gone wherever one asks for it", "[component][api]") {
    running_service service;
    const auto path = job_path(ask(service.port(), "POST", backups, "", R"({"type":"full"})"));
    ended(service, path);
    service.remove_job(1);
    const auto* const asked = GENERATE(
        "/api/v1/jobs/1", "/api/v1/jobs/1/log", "/api/v1/jobs/1/log?level=info",
        "/api/v1/jobs/1/log?follow=true", "/pgBackRest/jobs/1");
    CAPTURE(asked);

    const auto answer = ask(service.port(), "GET", asked);

    CHECK(answer.status == 410);
    CHECK_THAT(answer.body, ContainsSubstring("past its retention"));
    CHECK(ask(service.port(), "POST", path + "/cancel").status == 410);
    CHECK(ask(service.port(), "GET", "/api/v1/jobs/2").status == 404);
}

TEST_CASE("livez answers as long as the loop turns", "[component][api]") {
    running_service service;
    const auto alive = ask(service.port(), "GET", "/livez");

    CHECK(alive.status == 200);
    CHECK(alive.body == "ok");
    CHECK(ask(service.port(), "POST", "/livez").status == 405);
}
