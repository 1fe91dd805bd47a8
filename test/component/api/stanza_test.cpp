// The API v1: what there is to restore from.
#include "v1.hpp"

#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace restpoint;
using namespace restpoint::test;

namespace {

const std::string stanza = "/api/v1/stanzas/main";

std::string sample_path(const std::string& name) {
    return std::string(RESTPOINT_TEST_DATA) + "/backrest/" + name;
}

/// fake_pgbackrest's environment for a repo with two timelines of 64 MB segments.
std::vector<std::string> two_timelines() {
    return {
        "FAKE_PGBACKREST_INFO=" + sample_path("info-timelines-64mb.json"),
        "FAKE_LISTING=" + sample_path("repo-ls-64mb.json"),
        "FAKE_HISTORY=" + sample_path("timeline-2-64mb.history")};
}

postgres::wal_facts at_its_end() {
    return {.position = 0x34000050, .timeline = 2, .segment_bytes = 64U << 20U};
}

} // namespace

TEST_CASE("a stanza whose archive is whole is ok", "[component][api]") {
    running_service service(two_timelines());
    service.pretend(at_its_end());
    const auto told = object(ask(service.port(), "GET", stanza));

    CHECK(told.at("name") == "main");
    CHECK(told.at("state") == "ok");
    CHECK(told.at("reasons").as_array().empty());
    CHECK(told.at("backup_count") == 2);
    CHECK(told.at("window").at("timeline") == 2);
    CHECK(told.at("window").at("parent") == 1);
    CHECK(told.at("archive").at("lag_bytes") == 0x50);
    CHECK(
        object(ask(service.port(), "GET", "/api/v1/stanzas")).at("stanzas").at(0).at("state") ==
        "ok");
}

TEST_CASE("what has not changed is not sent again", "[component][api]") {
    running_service service(two_timelines());
    for (const auto* path : {"/backups", "/window"}) {
        CAPTURE(path);
        const auto first = ask(service.port(), "GET", stanza + path);
        const auto tag = "If-None-Match: " + first.headers.at("etag") + "\r\n";

        CHECK(first.status == 200);
        CHECK(ask(service.port(), "GET", stanza + path, tag).status == 304);
    }
}

TEST_CASE("a stanza whose server is away is not ok", "[component][api]") {
    running_service service(two_timelines());
    const auto told = object(ask(service.port(), "GET", stanza));

    CHECK(told.at("state") == "unknown");
    CHECK(told.at("reasons").at(0).at("code") == "postgresql-silent");
}

TEST_CASE("a stanza with a gap is degraded, and its window shows the gap", "[component][api]") {
    auto environment = two_timelines();
    std::ifstream whole(sample_path("repo-ls-64mb.json"));
    std::string text{std::istreambuf_iterator<char>(whole), {}};
    const std::string missing = "0000000100000000/000000010000000000000005";
    text.replace(text.find(missing), missing.size(), "0000000100000000/000000010000000000000x05");
    const auto name = std::filesystem::temp_directory_path() /
                      ("restpoint-listing-" + std::to_string(::getpid()));
    std::ofstream(name) << text;
    environment[1] = "FAKE_LISTING=" + name.native();
    running_service service(environment);
    service.pretend(at_its_end());

    const auto told = object(ask(service.port(), "GET", stanza));
    const auto window = object(ask(service.port(), "GET", stanza + "/window"));
    std::filesystem::remove(name);

    CHECK(told.at("state") == "degraded");
    REQUIRE(told.at("reasons").as_array().size() == 1);
    CHECK(told.at("reasons").at(0).at("code") == "wal-gap");
    REQUIRE(window.at("timelines").as_array().size() == 2);
    for (const auto& timeline : window.at("timelines").as_array()) {
        REQUIRE(timeline.at("gaps").as_array().size() == 1);
        const auto& gap = timeline.at("gaps").at(0);
        CHECK(gap.at("first_missing") == "000000010000000000000005");
        CHECK(gap.at("last_missing") == "000000010000000000000005");
        CHECK(gap.at("after") == "000000010000000000000004");
        CHECK(gap.at("before") == "000000010000000000000006");
    }
    CHECK(window.at("archives").at(0).at("segment_bytes") == 64U << 20U);
}

TEST_CASE("a stanza whose last verification failed is degraded", "[component][api]") {
    auto environment = two_timelines();
    environment.emplace_back("FAKE_PGBACKREST_MODE=bad-files");
    running_service service(environment);
    service.pretend(at_its_end());
    const auto job =
        ended(service, job_path(ask(service.port(), "POST", stanza + "/verifications")));

    CHECK(job.at("state") == "failed");
    CHECK(job.at("exit_code") == 0);
    CHECK(job.at("error").at("name") == "verify-error");
    const std::string message(job.at("error").at("message").as_string());
    CHECK_THAT(message, ContainsSubstring("20261122-064235F/pg_data/base/5/16384.gz"));
    const auto told = object(ask(service.port(), "GET", stanza));
    CHECK(told.at("state") == "degraded");
    CHECK(told.at("reasons").at(0).at("code") == "verification-failed");
    CHECK(told.at("last_runs").at("verify").at("id") == job.at("id"));
}

TEST_CASE("a failed backup shows through all that were asked for since", "[component][api]") {
    using enum jobs::job_state;
    const auto bad = GENERATE(failed, interrupted);
    const auto since = GENERATE(queued, cancelled);
    running_service service(two_timelines());
    service.pretend(at_its_end());
    service.write_job(jobs::job_kind::backup, succeeded);
    CHECK(object(ask(service.port(), "GET", stanza)).at("state") == "ok");

    const auto job = service.write_job(jobs::job_kind::backup, bad);
    for (int i = 0; i < 9; ++i) {
        service.write_job(jobs::job_kind::backup, since);
    }

    const auto told = object(ask(service.port(), "GET", stanza));
    CHECK(told.at("state") == "degraded");
    CHECK(told.at("reasons").at(0).at("code") == "backup-failed");
    CHECK(told.at("last_runs").at("backup").at("id").as_string() == std::to_string(job));
    service.write_job(jobs::job_kind::backup, succeeded);
    CHECK(object(ask(service.port(), "GET", stanza)).at("state") == "ok");
}

TEST_CASE("backups are listed, and found by their labels", "[component][api]") {
    running_service service(two_timelines());
    const auto list = object(ask(service.port(), "GET", stanza + "/backups"));

    REQUIRE(list.at("backups").as_array().size() == 2);
    const std::string label(list.at("backups").at(0).at("label").as_string());
    CHECK(list.at("backups").at(0).at("type") == "incr");
    const auto one = object(ask(service.port(), "GET", stanza + "/backups/" + label));
    CHECK(one.at("label").as_string() == label);
    const auto none = ask(service.port(), "GET", stanza + "/backups/20200101-000000F");
    CHECK(none.status == 404);
    CHECK(object(none).at("code") == "not_found");
}

TEST_CASE("a repo that does not answer has no empty list of backups", "[component][api]") {
    const auto* const mode = GENERATE("info-fails", "no-info");
    auto environment = two_timelines();
    if (std::string(mode) == "no-info") {
        environment[0] = "FAKE_PGBACKREST_INFO=" + sample_path("info-no-stanza.json");
    } else {
        environment.emplace_back("FAKE_PGBACKREST_MODE=info-fails");
    }
    running_service service(environment);

    CHECK(ask(service.port(), "GET", stanza + "/backups").status == 503);
    CHECK(ask(service.port(), "GET", stanza + "/backups/20261122-064235F").status == 503);
    CHECK(object(ask(service.port(), "GET", stanza)).at("state") == "unknown");
}

TEST_CASE("a pgbackrest that hangs is answered for, and goes on", "[component][api]") {
    auto environment = two_timelines();
    environment.emplace_back("FAKE_PGBACKREST_MODE=hung-info");
    running_service service(environment);
    service.pretend(at_its_end());
    service.lose_patience();

    const auto told = object(ask(service.port(), "GET", stanza));
    CHECK(told.at("state") == "unknown");
    CHECK(told.at("reasons").at(0).at("code") == "info-unavailable");
    const std::string message(told.at("reasons").at(0).at("message").as_string());
    CHECK_THAT(message, ContainsSubstring("pgbackrest info has not answered within"));
    CHECK(told.at("reasons").at(1).at("code") == "archive-not-listed");
    for (const auto* path : {"/backups", "/backups/20261122-064235F", "/window"}) {
        CAPTURE(path);
        const auto late = ask(service.port(), "GET", stanza + path);
        CHECK(late.status == 504);
        CHECK(late.headers.contains("retry-after"));
        CHECK(object(late).at("code") == "timed_out");
    }

    service.open_gate();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
    while (ask(service.port(), "GET", stanza + "/window").status != 200) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
    }
    CHECK(ask(service.port(), "GET", stanza + "/backups").status == 200);
}

TEST_CASE("without info there is no window", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=info-fails"});

    CHECK(ask(service.port(), "GET", stanza + "/window").status == 503);
}

TEST_CASE("a stanza that is not ours is not found", "[component][api]") {
    running_service service;
    for (const auto* path : {"", "/backups", "/backups/x", "/window"}) {
        CAPTURE(path);
        CHECK(
            ask(service.port(), "GET", std::string("/api/v1/stanzas/other") + path).status == 404);
    }
}

TEST_CASE("a server that is away is an answer, as is one that is there", "[component][api]") {
    running_service service(two_timelines());
    const auto path = "/api/v1/postgres";
    const auto away = object(ask(service.port(), "GET", path));
    CHECK(away.at("state") == "stopped");
    CHECK(away.at("archiving").is_null());

    postgres::server_report report;
    report.status = {postgres::server_state::running, false, {}};
    report.facts.emplace();
    report.facts->wal = at_its_end();
    service.pretend(report);

    const auto there = ask(service.port(), "GET", path);
    CHECK(there.status == 200);
    CHECK(object(there).at("role") == "primary");
    CHECK(object(there).at("timeline") == 2);
    CHECK(object(there).at("archive").at("lag_bytes") == 0x50);
    CHECK(object(there).at("stanza").at("matches") == false);
    const auto tag = "If-None-Match: " + there.headers.at("etag") + "\r\n";
    CHECK(ask(service.port(), "GET", path, tag).status == 304);
}

TEST_CASE("a start or a stop of the server is a job", "[component][api]") {
    running_service service;
    const auto [path, kind, body] = GENERATE(table<std::string, std::string, std::string>(
        {{"/start", "postgres-start", ""},
         {"/stop", "postgres-stop", R"({"mode":"immediate"})"},
         {"/restart", "postgres-restart", "{}"}}));

    const auto accepted = ask(service.port(), "POST", "/api/v1/postgres" + path, "", body);

    CHECK(accepted.status == 202);
    CHECK(object(accepted).at("kind").as_string() == kind);
    CHECK(object(accepted).at("stanza") == "main");
    CHECK(service.audited() == std::vector<std::string>{"started job 1"});
}

TEST_CASE("a mode that no stop has starts nothing", "[component][api]") {
    running_service service;

    const auto refused =
        ask(service.port(), "POST", "/api/v1/postgres/stop", "", R"({"mode":"-m immediate"})");

    CHECK(refused.status == 400);
    CHECK(service.job_count() == 0);
}

TEST_CASE("a stanza names what is due next", "[component][api]") {
    running_service service(two_timelines());
    const auto told = object(ask(service.port(), "GET", stanza));

    REQUIRE(told.at("next_runs").as_array().size() == 1);
    const auto& next = told.at("next_runs").at(0);
    CHECK(next.at("schedule") == "nightly");
    CHECK(next.at("action") == "backup");
    CHECK(next.at("type") == "full");
    CHECK(next.at("due") == "2026-11-22T04:00:00.000Z");
    CHECK(told.at("last_scheduled").is_null());
}
