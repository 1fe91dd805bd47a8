// Answers that are kept: nobody gets one that is not true any more.
#include "v1.hpp"

using namespace restpoint;
using namespace restpoint::test;

namespace {

const std::string jobs_path = "/api/v1/jobs";
const std::string stanza_path = "/api/v1/stanzas/main";

/// The job once its row is final.
boost::json::object run_backup(const running_service& service) {
    return ended(
        service,
        job_path(ask(service.port(), "POST", stanza_path + "/backups", "", R"({"type":"full"})")));
}

std::size_t count_of(const web_answer& list) {
    return object(list).at("jobs").as_array().size();
}

/// The answer, asked for twice: made, and kept.
web_answer warm(const running_service& service, const std::string& path) {
    const auto made = ask(service.port(), "GET", path);
    const auto kept = ask(service.port(), "GET", path);
    CHECK(made.status == 200);
    CHECK(kept.body == made.body);
    CHECK(kept.headers.at("etag") == made.headers.at("etag"));
    CHECK(kept.headers.at("cache-control") == made.headers.at("cache-control"));
    return kept;
}

int status_with(const running_service& service, const std::string& path, const web_answer& had) {
    const auto tag = had.headers.at("etag");
    return ask(service.port(), "GET", path, "If-None-Match: " + tag + "\r\n").status;
}

} // namespace

TEST_CASE("a kept list of jobs tells of every change at once", "[component][api]") {
    running_service service;
    CHECK(count_of(warm(service, jobs_path)) == 0);

    run_backup(service);
    const auto one = warm(service, jobs_path);
    CHECK(count_of(one) == 1);
    CHECK(object(one).at("jobs").at(0).at("state") == "succeeded");
    CHECK(status_with(service, jobs_path, one) == 304);

    run_backup(service);
    CHECK(status_with(service, jobs_path, one) == 200);
    CHECK(count_of(warm(service, jobs_path)) == 2);

    service.remove_job(1);
    CHECK(count_of(warm(service, jobs_path)) == 1);
}

TEST_CASE("each question for jobs has an answer of its own", "[component][api]") {
    running_service service;
    run_backup(service);
    ended(service, job_path(ask(service.port(), "POST", stanza_path + "/checks")));

    CHECK(count_of(warm(service, jobs_path)) == 2);
    CHECK(count_of(warm(service, jobs_path + "?limit=1")) == 1);
    CHECK(count_of(warm(service, jobs_path + "?kind=check")) == 1);
    CHECK(count_of(warm(service, jobs_path + "?state=failed")) == 0);
    CHECK(count_of(warm(service, jobs_path + "?stanza=other")) == 0);
    CHECK(count_of(warm(service, jobs_path + "?stanza=-")) == 0);
    CHECK(count_of(warm(service, jobs_path + "?cursor=2")) == 1);
    CHECK(count_of(warm(service, jobs_path)) == 2);
}

TEST_CASE("a job that runs is in the list as it is now", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    warm(service, jobs_path);
    const auto path =
        job_path(ask(service.port(), "POST", stanza_path + "/backups", "", R"({"type":"full"})"));

    CHECK(count_of(ask(service.port(), "GET", jobs_path)) == 1);
    web_client(service.port(), "GET", path + "/log?follow=true").until("backup command begin");
    const auto running = object(ask(service.port(), "GET", jobs_path));
    CHECK(running.at("jobs").at(0).at("state") == "running");

    service.open_gate();
    ended(service, path);
    const auto over = object(ask(service.port(), "GET", jobs_path));
    CHECK(over.at("jobs").at(0).at("state") == "succeeded");
}

TEST_CASE("a kept stanza tells of every change at once", "[component][api]") {
    running_service service;
    const auto* const path = GENERATE("/api/v1/stanzas/main", "/api/v1/stanzas");
    const auto fresh = warm(service, path);
    CHECK(status_with(service, path, fresh) == 304);

    run_backup(service);
    CHECK(status_with(service, path, fresh) == 200);
    const auto backed_up = warm(service, path);
    CHECK(backed_up.body != fresh.body);

    service.pretend(postgres::wal_facts{.position = 0x53000000, .timeline = 1});
    CHECK(status_with(service, path, backed_up) == 200);
    const auto standing = warm(service, path);
    CHECK(standing.body != backed_up.body);

    service.pretend(postgres::wal_facts{.position = 0x54000000, .timeline = 1});
    CHECK(status_with(service, path, standing) == 200);

    service.remove_job(1);
    const auto forgotten = warm(service, path);
    CHECK(forgotten.body != standing.body);
}
