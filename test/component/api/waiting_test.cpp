// The API v1: waiting by Prefer (RFC 7240), and asking whether anything has changed.
#include "v1.hpp"

#include <thread>

using namespace restpoint;
using namespace restpoint::test;

namespace {

const std::string backups = "/api/v1/stanzas/main/backups";
const std::string full = R"({"type":"full"})";
const std::string patiently = "Prefer: respond-async, wait=60\r\n";

/// Until the first job runs.
void await_running(const running_service& service) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (std::chrono::steady_clock::now() < deadline) {
        const auto job = ask(service.port(), "GET", "/api/v1/jobs/1");
        if (job.status == 200 && object(job).at("state") == "running") {
            return;
        }
        std::this_thread::yield();
    }
    FAIL("job 1 never ran");
}

} // namespace

TEST_CASE("who prefers to wait gets the job at its end", "[component][api]") {
    running_service service;

    const auto answer = ask(service.port(), "POST", backups, patiently, full);

    CHECK(answer.status == 202);
    CHECK(answer.headers.at("location") == "/api/v1/jobs/1");
    CHECK(answer.headers.at("preference-applied") == "wait=60");
    CHECK_FALSE(answer.headers.contains("retry-after"));
    CHECK(object(answer).at("state") == "succeeded");
}

TEST_CASE("who waits for a job holds nobody up, and is told its end", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    web_client starter(service.port(), "POST", backups, patiently, full);
    await_running(service);
    web_client watcher(service.port(), "GET", "/api/v1/jobs/1", patiently);

    const auto meanwhile = ask(service.port(), "GET", "/api/v1/jobs/1");
    CHECK(object(meanwhile).at("state") == "running");
    CHECK_FALSE(meanwhile.headers.contains("preference-applied"));

    service.open_gate();
    for (auto* client : {&starter, &watcher}) {
        const auto answer = client->whole();
        CHECK(object(answer).at("state") == "succeeded");
        CHECK(answer.headers.at("preference-applied") == "wait=60");
    }
}

TEST_CASE("where as many wait as may, the next is answered at once", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    service.let_wait(1);
    ask(service.port(), "POST", backups, "", full);
    await_running(service);
    web_client watcher(service.port(), "GET", "/api/v1/jobs/1", patiently);
    // Waits for nothing itself, and so sees when the watcher has begun to.
    const auto is_granted = [&] {
        const auto told = ask(service.port(), "GET", "/api/v1/jobs/1", "Prefer: wait=0\r\n");
        return told.headers.contains("preference-applied");
    };
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (is_granted()) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        std::this_thread::yield();
    }

    const auto refused = ask(service.port(), "GET", "/api/v1/jobs/1", patiently);
    const auto queued =
        ask(service.port(), "POST", backups, patiently, R"({"type":"incr","queue":true})");
    CHECK(object(refused).at("state") == "running");
    CHECK_FALSE(refused.headers.contains("preference-applied"));
    CHECK(queued.status == 202);
    CHECK(object(queued).at("state") == "queued");

    service.open_gate();
    CHECK(object(watcher.whole()).at("state") == "succeeded");
    CHECK(is_granted());
}

TEST_CASE("a wait that is over gives the job as it stands", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});

    const auto started = ask(service.port(), "POST", backups, "Prefer: wait=0\r\n", full);
    const auto looked = ask(service.port(), "GET", "/api/v1/jobs/1", "Prefer: wait=0\r\n");

    CHECK(started.status == 202);
    CHECK(started.headers.at("preference-applied") == "wait=0");
    CHECK(started.headers.contains("retry-after"));
    CHECK(looked.status == 200);
    CHECK(looked.headers.at("preference-applied") == "wait=0");
    CHECK(looked.headers.contains("retry-after"));
    CHECK(object(looked).at("finished").is_null());
}

TEST_CASE("the wait for a job that has ended is none", "[component][api]") {
    running_service service;
    ended(service, job_path(ask(service.port(), "POST", backups, "", full)));

    const auto looked = ask(service.port(), "GET", "/api/v1/jobs/1", "Prefer: wait=3600\r\n");
    const auto never_was = ask(service.port(), "GET", "/api/v1/jobs/2", patiently);

    CHECK(object(looked).at("state") == "succeeded");
    CHECK(looked.headers.at("preference-applied") == "wait=60"); // the longest there is
    CHECK(never_was.status == 404);
}

TEST_CASE("a client that leaves is waited for no longer, its job goes on", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    {
        web_client starter(service.port(), "POST", backups, patiently, full);
        await_running(service);
        starter.reset();
    }

    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (service.connection_count() > 0 && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }

    CHECK(service.connection_count() == 0);
    CHECK(service.state_of(1) == "running");
}

TEST_CASE("a key and a wait go together", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    const auto both = patiently + "Idempotency-Key: k\r\n";
    web_client first(service.port(), "POST", backups, both, full);
    web_client second(service.port(), "POST", backups, both, full);
    await_running(service);

    service.open_gate();

    CHECK(object(first.whole()).at("state") == "succeeded");
    CHECK(object(second.whole()).at("id") == "1");
    CHECK(service.job_count() == 1);
}

TEST_CASE("what has not changed since is not sent again", "[component][api]") {
    running_service service;
    ended(service, job_path(ask(service.port(), "POST", backups, "", full)));
    const auto* const path =
        GENERATE("/api/v1/jobs/1", "/api/v1/jobs", "/api/v1/jobs?limit=1&kind=backup");
    const auto first = ask(service.port(), "GET", path);
    INFO(first.body);
    const auto known = "If-None-Match: \"other\", " + first.headers.at("etag") + "\r\n";

    const auto same = ask(service.port(), "GET", path, known);
    INFO(same.body);
    CHECK(same.status == 304);
    CHECK(same.body.empty());
    CHECK(same.headers.at("etag") == first.headers.at("etag"));
    CHECK(same.headers.at("cache-control") == "private, no-cache");
    CHECK(ask(service.port(), "HEAD", path, known).status == 304);

    CHECK(ask(service.port(), "GET", path, "If-None-Match: \"other\"\r\n").status == 200);
}

TEST_CASE("a list that has grown is sent", "[component][api]") {
    running_service service;
    const auto empty = ask(service.port(), "GET", "/api/v1/jobs");
    const auto known = "If-None-Match: " + empty.headers.at("etag") + "\r\n";
    CHECK(ask(service.port(), "GET", "/api/v1/jobs", known).status == 304);

    ask(service.port(), "POST", backups, patiently, full);

    const auto grown = ask(service.port(), "GET", "/api/v1/jobs", known);
    CHECK(grown.status == 200);
    CHECK(object(grown).at("jobs").as_array().size() == 1);
}
