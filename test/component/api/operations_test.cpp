// The API v1: what starts a job other than a backup.
#include "v1.hpp"

using namespace restpoint;
using namespace restpoint::test;

namespace {

const std::string stanza = "/api/v1/stanzas/main";

} // namespace

TEST_CASE("each operation is accepted as a job of its kind", "[component][api]") {
    running_service service;
    const auto [path, kind, body] = GENERATE(table<std::string, std::string, std::string>(
        {{"/checks", "check", ""},
         {"/verifications", "verify", R"({"repo":2})"},
         {"/expirations", "expire", R"({"repo":2,"queue":true})"},
         {"/upgrade", "stanza-upgrade", ""},
         {"", "stanza-create", "{}"}}));
    CAPTURE(path);

    const auto accepted = ask(service.port(), "POST", stanza + path, "", body);

    CHECK(accepted.status == 202);
    CHECK(accepted.headers.at("location") == "/api/v1/jobs/1");
    CHECK(accepted.headers.contains("retry-after"));
    CHECK(object(accepted).at("state") == "queued");
    const auto job = ended(service, job_path(accepted));
    CHECK(job.at("kind").as_string() == kind);
    CHECK(job.at("state") == "succeeded");
    if (body.find("repo") != body.npos) {
        CHECK(job.at("repo") == 2);
    }
    CHECK(service.audited() == std::vector<std::string>{"started job 1"});
    CHECK(service.audited_requests().front() == "POST " + stanza + path);
}

TEST_CASE("a member that the command does not take starts nothing", "[component][api]") {
    running_service service;
    const auto [path, body] = GENERATE(table<std::string, std::string>(
        {{"/checks", R"({"repo":1})"},
         {"/verifications", R"({"set":"20261122-064235F"})"},
         {"/expirations", R"({"repo":"--set=x"})"},
         {"", R"({"type":"full"})"}}));
    CAPTURE(path);

    const auto refused = ask(service.port(), "POST", stanza + path, "", body);

    CHECK(refused.status == 400);
    CHECK(object(refused).at("code") == "invalid");
    CHECK(service.job_count() == 0);
    CHECK(service.audited() == std::vector<std::string>{"refused: 400 invalid"});
}

TEST_CASE("no operation reaches a stanza that is not ours", "[component][api]") {
    running_service service;
    const auto* const path = GENERATE("/checks", "/verifications", "/expirations", "/upgrade", "");

    const auto refused = ask(service.port(), "POST", std::string("/api/v1/stanzas/other") + path);

    CHECK(refused.status == 404);
    CHECK(service.job_count() == 0);
}

TEST_CASE("no other site may start an operation", "[component][api]") {
    running_service service;
    const auto* const path = GENERATE("/checks", "/verifications", "/expirations", "");

    const auto refused =
        ask(service.port(), "POST", stanza + path, "Sec-Fetch-Site: cross-site\r\n");

    CHECK(refused.status == 403);
    CHECK(service.job_count() == 0);
}

TEST_CASE("what excludes each other is refused by name or waits", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    const auto backup = ask(service.port(), "POST", stanza + "/backups", "", R"({"type":"full"})");

    const auto expiry = ask(service.port(), "POST", stanza + "/expirations");
    const auto create = ask(service.port(), "POST", stanza);
    const auto verify = ask(service.port(), "POST", stanza + "/verifications");
    const auto again = ask(service.port(), "POST", stanza + "/verifications");
    const auto waits =
        ask(service.port(), "POST", stanza + "/expirations", "", R"({"queue":true})");

    CHECK(expiry.status == 409);
    CHECK(object(expiry).at("job") == "1");
    CHECK(create.status == 409);
    CHECK(object(create).at("job") == "1");
    CHECK(verify.status == 202); // beside a backup
    CHECK(again.status == 409);
    CHECK(object(again).at("job") == "2");
    CHECK(service.job_count() == 3);

    service.open_gate();
    CHECK(ended(service, job_path(backup)).at("state") == "succeeded");
    CHECK(ended(service, job_path(waits)).at("state") == "succeeded");
}
