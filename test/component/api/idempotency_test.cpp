// The API v1: a request that is sent again under its Idempotency-Key.
#include "v1.hpp"

#include <algorithm>
#include <memory>

using namespace restpoint;
using namespace restpoint::test;

namespace {

const std::string backups = "/api/v1/stanzas/main/backups";
const std::string full = R"({"type":"full"})";
const std::string with_key = "Idempotency-Key: 8e03978e-40d5-43dd-bc93-6894a57f9324\r\n";

} // namespace

TEST_CASE("a hundred clients at once with one key start one job", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    std::vector<std::unique_ptr<web_client>> clients;
    for (int i = 0; i < 100; ++i) {
        clients.push_back(
            std::make_unique<web_client>(service.port(), "POST", backups, with_key, full));
    }

    for (const auto& client : clients) {
        const auto answer = client->whole();
        CHECK(answer.status == 202);
        CHECK(answer.headers.at("location") == "/api/v1/jobs/1");
        CHECK(answer.headers.at("restpoint-job") == "1");
    }

    CHECK(service.job_count() == 1);
    const auto audited = service.audited();
    CHECK(std::ranges::count(audited, "started job 1") == 1);
    CHECK(std::ranges::count(audited, "joined job 1") == 99);
    service.open_gate();
    CHECK(ended(service, "/api/v1/jobs/1").at("state") == "succeeded");
}

TEST_CASE("a key answers with the job as it is now, however it ended", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=fail"});
    const auto first = ask(service.port(), "POST", backups, with_key, full);
    ended(service, job_path(first));

    const auto again = ask(service.port(), "POST", backups, with_key, full);

    CHECK(again.status == 202);
    CHECK(object(again).at("id") == "1");
    CHECK(object(again).at("state") == "failed");
    CHECK_FALSE(again.headers.contains("retry-after"));
    CHECK(service.job_count() == 1);
}

TEST_CASE("a key that stands for another request is refused with its job", "[component][api]") {
    running_service service;
    ended(service, job_path(ask(service.port(), "POST", backups, with_key, full)));

    const auto other_body =
        ask(service.port(), "POST", backups, with_key, R"({"type":"full","queue":true})");
    const auto other_path =
        ask(service.port(), "POST", "/api/v1/stanzas/main/checks", with_key, full);
    const auto checks = ask(service.port(), "POST", "/api/v1/stanzas/main/checks", with_key);

    CHECK(other_body.status == 422);
    CHECK(other_body.headers.at("content-type") == "application/problem+json");
    CHECK(object(other_body).at("code") == "idempotency_key_reused");
    CHECK(object(other_body).at("job") == "1");
    CHECK_FALSE(object(other_body).at("hint").as_string().empty());
    CHECK(other_path.status == 400); // a check takes no type
    CHECK(checks.status == 422);
    CHECK(service.job_count() == 1);
}

TEST_CASE("a key that is none starts nothing", "[component][api]") {
    running_service service;
    const auto key = GENERATE(
        as<std::string>(), "two words", R"("open)", std::string(256, 'k'),
        "a\r\nIdempotency-Key: a");
    CAPTURE(key);

    const auto refused =
        ask(service.port(), "POST", backups, "Idempotency-Key: " + key + "\r\n", full);

    CHECK(refused.status == 400);
    CHECK_THAT(refused.body, ContainsSubstring("Idempotency-Key"));
    CHECK(service.job_count() == 0);
}

TEST_CASE("every operation takes a key", "[component][api]") {
    running_service service;
    const auto* const path = GENERATE("/checks", "/verifications", "/expirations", "");
    const auto target = std::string("/api/v1/stanzas/main") + path;

    const auto first = ask(service.port(), "POST", target, with_key);
    ended(service, job_path(first));
    const auto again = ask(service.port(), "POST", target, with_key);

    CHECK(again.status == 202);
    CHECK(object(again).at("id") == "1");
    CHECK(service.job_count() == 1);
}
