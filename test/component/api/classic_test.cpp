// The old addresses as scripts use them.
#include "running_service.hpp"
#include "support/catch.hpp"
#include "web_client.hpp"

#include <boost/json/parse.hpp>

#include <functional>
#include <thread>

using namespace restpoint;
using namespace restpoint::test;

namespace {

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

std::size_t times(std::string_view text, std::string_view part) {
    std::size_t n = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) {
        ++n;
    }
    return n;
}

bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

constexpr auto waits_for_gate = "FAKE_PGBACKREST_MODE=wait-for-file";

} // namespace

TEST_CASE(
    "the page begins before the first line and grows while the job runs", "[component][api]") {
    running_service service({waits_for_gate});
    web_client client(service.port(), "GET", "/pgBackRest/backup/full");

    const auto begun = client.until("full backup of main");
    const auto growing = client.until("backup command begin");

    CHECK(begun.status == 200);
    CHECK(begun.headers.at("content-type") == "text/html; charset=utf-8");
    CHECK(begun.headers.at("transfer-encoding") == "chunked");
    CHECK(begun.headers.at("restpoint-job") == "1");
    CHECK_FALSE(growing.complete);
    CHECK_FALSE(holds(growing.body, "Success"));
    CHECK(service.state_of(1) == "running");

    service.open_gate();
    const auto whole = client.whole();
    CHECK(whole.complete);
    CHECK(holds(whole.body, "<h1> Success </h1> <br/>"));
    CHECK(holds(whole.body, "new backup label = 20261122-064235F<br/>"));
    CHECK(whole.body.find("<h1> Success </h1>") > whole.body.find("new backup label"));
    CHECK(whole.body.ends_with("</html>\n"));
}

TEST_CASE("trailers tell the outcome, and were declared", "[component][api]") {
    running_service service;
    const auto good = ask(service.port(), "GET", "/pgBackRest/backup/incr");

    CHECK(holds(good.headers.at("trailer"), "Restpoint-Job-State"));
    CHECK(holds(good.headers.at("trailer"), "Restpoint-Exit-Code"));
    CHECK(
        good.trailers ==
        fields{{"restpoint-job-state", "succeeded"}, {"restpoint-exit-code", "0"}});
}

TEST_CASE("a failed job ends its page with the code, its name and what to do", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=fail"});
    const auto bad = ask(service.port(), "GET", "/pgBackRest/create");

    CHECK(bad.status == 200);
    CHECK(holds(bad.body, "<h1> Error </h1>"));
    CHECK(holds(bad.body, "code 82 (archive-timeout)"));
    CHECK(holds(bad.body, "class=\"hint\""));
    CHECK_FALSE(holds(bad.body, "Success"));
    CHECK(bad.trailers == fields{{"restpoint-job-state", "failed"}, {"restpoint-exit-code", "82"}});
}

TEST_CASE("who waits gets the documented page, whole, with its status", "[component][api]") {
    running_service service({waits_for_gate});
    service.open_gate();
    const auto good = ask(service.port(), "GET", "/pgBackRest/backup/full?wait=true");

    CHECK(good.status == 200);
    CHECK_FALSE(good.headers.contains("transfer-encoding"));
    CHECK(good.headers.at("restpoint-job-state") == "succeeded");
    CHECK(good.body.find("<h1> Success </h1> <br/>") < good.body.find("backup command begin"));
    CHECK(holds(good.body, "new backup label = 20261122-064235F<br/>"));
}

TEST_CASE("who waits for a job that fails gets 500 and the page", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=fail"});
    const auto page = ask(service.port(), "POST", "/pgBackRest/backup/full", "Prefer: wait\r\n");
    const auto json = ask(
        service.port(), "GET", "/pgBackRest/backup/full?wait=true", "Accept: application/json\r\n");

    CHECK(page.status == 500);
    CHECK(holds(page.body, "<h1> Error </h1>"));
    CHECK(holds(page.body, "archive-timeout"));
    CHECK(json.status == 500);
    CHECK(json.headers.at("content-type") == "application/problem+json");
    CHECK(boost::json::parse(json.body).at("pgbackrest_code") == 82);
}

TEST_CASE("INFO and above by default, all on request, no level that is none", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=slow", "FAKE_INTERVAL_MS=1"});
    const auto usual = ask(service.port(), "GET", "/pgBackRest/backup/full");
    const auto all = ask(service.port(), "GET", "/pgBackRest/backup/full?level=detail");
    const auto none = ask(service.port(), "GET", "/pgBackRest/backup/full?level=loud");

    CHECK_FALSE(holds(usual.body, "DETAIL"));
    CHECK(times(all.body, "DETAIL: backup file") == 10);
    CHECK(none.status == 400);
    CHECK(holds(none.body, "<h1> Error </h1>"));
    CHECK(holds(none.body, "loud"));
    CHECK(service.job_count() == 2);
}

TEST_CASE("the identical request joins the running job at its first line", "[component][api]") {
    running_service service({waits_for_gate});
    web_client first(service.port(), "GET", "/pgBackRest/backup/full");
    first.until("backup command begin");

    web_client second(service.port(), "GET", "/pgBackRest/backup/full");
    const auto joined = second.until("backup command begin");

    CHECK(joined.headers.at("restpoint-job") == "1");
    CHECK(service.job_count() == 1);
    CHECK(service.audited() == std::vector<std::string>{"started job 1", "joined job 1"});
    service.open_gate();
    CHECK(first.whole().complete);
    CHECK(second.whole().trailers.at("restpoint-job-state") == "succeeded");
}

TEST_CASE("twenty at once are one job, and each sees all of it", "[component][api]") {
    running_service service({waits_for_gate});
    std::vector<std::unique_ptr<web_client>> clients;
    for (int i = 0; i < 20; ++i) {
        clients.push_back(
            std::make_unique<web_client>(service.port(), "GET", "/pgBackRest/backup/full"));
    }
    for (const auto& client : clients) {
        client->until("backup command begin");
    }
    service.open_gate();

    for (const auto& client : clients) {
        const auto page = client->whole();
        CHECK(page.headers.at("restpoint-job") == "1");
        CHECK(times(page.body, "backup command begin") == 1);
        CHECK(holds(page.body, "<h1> Success </h1> <br/>"));
    }
    CHECK(service.job_count() == 1);
}

TEST_CASE("another kind is refused with the job in the way", "[component][api]") {
    running_service service({waits_for_gate});
    web_client running(service.port(), "GET", "/pgBackRest/backup/full");
    running.until("backup command begin");

    const auto page = ask(service.port(), "GET", "/pgBackRest/backup/incr");
    const auto waiting = ask(service.port(), "GET", "/pgBackRest/create?wait=true");
    const auto json =
        ask(service.port(), "GET", "/pgBackRest/create", "Accept: application/json\r\n");

    CHECK(page.status == 409);
    CHECK(page.headers.at("content-type") == "text/html; charset=utf-8");
    CHECK(holds(page.body, "/pgBackRest/jobs/1"));
    CHECK(waiting.status == 409);
    CHECK(json.status == 409);
    CHECK(boost::json::parse(json.body).at("job") == "1");
    CHECK(service.job_count() == 1);
}

TEST_CASE("a client that goes away leaves the job running", "[component][api]") {
    running_service service({waits_for_gate});
    {
        web_client leaving(service.port(), "GET", "/pgBackRest/backup/full");
        leaving.until("backup command begin");
        web_client waiting(service.port(), "GET", "/pgBackRest/backup/full?wait=true");
    }
    web_client after(service.port(), "GET", "/pgBackRest/jobs/1");
    after.until("backup command begin");

    CHECK(service.state_of(1) == "running");
    service.open_gate();
    CHECK(after.whole().trailers.at("restpoint-job-state") == "succeeded");
}

TEST_CASE("a client that leaves while it waits is not waited for", "[component][api]") {
    running_service service({waits_for_gate});
    web_client waiting(service.port(), "GET", "/pgBackRest/backup/full?wait=true");
    REQUIRE(eventually([&] { return service.job_count() == 1; }));
    REQUIRE(service.connection_count() == 1);

    waiting.reset();

    CHECK(eventually([&] { return service.connection_count() == 0; }));
    web_client after(service.port(), "GET", "/pgBackRest/jobs/1");
    after.until("backup command begin");
    CHECK(service.state_of(1) == "running");
    service.open_gate();
    CHECK(after.whole().trailers.at("restpoint-job-state") == "succeeded");
}

TEST_CASE("a client that ends its sending and waits is answered", "[component][api]") {
    running_service service({waits_for_gate});
    web_client waiting(service.port(), "GET", "/pgBackRest/backup/full?wait=true");
    web_client growing(service.port(), "GET", "/pgBackRest/backup/full");
    waiting.end_sending();
    growing.end_sending();
    growing.until("backup command begin");

    service.open_gate();

    CHECK(waiting.whole().status == 200);
    CHECK(growing.whole().trailers.at("restpoint-job-state") == "succeeded");
}

TEST_CASE("a page that has nothing to say stays alive, and loses no line", "[component][api]") {
    running_service service({waits_for_gate}, std::chrono::milliseconds{5});
    web_client client(service.port(), "GET", "/pgBackRest/backup/full");
    client.until("check archive for prior segment");
    client.until("<!----><!----><!---->");
    service.open_gate();

    const auto page = client.whole();
    CHECK(page.complete);
    CHECK(times(page.body, "backup command begin") == 1);
    CHECK(times(page.body, "check archive for prior segment") == 1);
    CHECK(times(page.body, "new backup label") == 1);
    CHECK(times(page.body, "expire command end") == 1);
}

TEST_CASE(
    "a page whose log cannot be read says so, stays alive and ends with the outcome",
    "[component][api]") {
    running_service service({waits_for_gate}, std::chrono::milliseconds{5});
    ask(service.port(), "POST", "/api/v1/stanzas/main/backups", "", R"({"type":"full"})");
    REQUIRE(service.break_log_reads());
    web_client client(service.port(), "GET", "/pgBackRest/jobs/1");

    const auto told = client.until("the log of job 1 cannot be read any further");
    client.until("<!----><!---->");
    CHECK_FALSE(told.complete);
    CHECK(service.state_of(1) == "running");
    service.open_gate();

    const auto page = client.whole();
    CHECK(page.complete);
    CHECK(times(page.body, "cannot be read any further") == 1);
    CHECK(holds(page.body, "<h1> Success </h1> <br/>"));
    CHECK(page.trailers.at("restpoint-job-state") == "succeeded");
}

TEST_CASE("what a log holds is text on the page", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=html"});
    const auto page = ask(service.port(), "GET", "/pgBackRest/backup/full?level=detail");
    const auto again = ask(service.port(), "GET", "/pgBackRest/jobs/1?level=detail");

    for (const auto& body : {page.body, again.body}) {
        CHECK_FALSE(holds(body, "<script"));
        CHECK_FALSE(holds(body, "<img"));
        CHECK_FALSE(holds(body, "\x1b"));
        CHECK(holds(body, "&lt;script&gt;"));
        CHECK(holds(body, "<h1> Success </h1> <br/>"));
    }
}

TEST_CASE("info shows what pgBackRest prints", "[component][api]") {
    running_service service;
    const auto page = ask(service.port(), "GET", "/pgBackRest/info");

    CHECK(page.status == 200);
    CHECK(holds(page.body, "<h1> Success </h1> <br/>"));
    CHECK(holds(page.body, "stanza: main<br/>"));
    CHECK(holds(page.body, "status: error (no valid backups)<br/>"));
    CHECK(holds(page.body, "class=\"outcome warn\""));
    CHECK(service.job_count() == 0);
}

TEST_CASE("an info that fails is an error page, not a green one", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=info-fails"});
    const auto page = ask(service.port(), "GET", "/pgBackRest/info");

    CHECK(page.status >= 500);
    CHECK(holds(page.body, "<h1> Error </h1>"));
    CHECK_FALSE(holds(page.body, "Success"));
}

TEST_CASE("db_status says True only for a server that runs", "[component][api]") {
    running_service service;
    using enum postgres::server_state;
    const auto page_of = [&](postgres::server_status status) {
        service.pretend(std::move(status));
        return ask(service.port(), "GET", "/pgBackRest/db_status").body;
    };

    CHECK(holds(page_of({running, true, ""}), "Postgres status True"));
    CHECK(holds(page_of({running, true, ""}), "in recovery"));
    CHECK(holds(page_of({stopped, {}, "<b>no</b>"}), "Postgres status False"));
    CHECK(holds(page_of({stopped, {}, "<b>no</b>"}), "&lt;b&gt;no"));
    CHECK(holds(page_of({starting, {}, ""}), "Postgres status False"));
    CHECK(holds(page_of({unreachable, {}, ""}), "unreachable"));
}

TEST_CASE("a type of backup that is none is not found", "[component][api]") {
    running_service service;

    CHECK(ask(service.port(), "GET", "/pgBackRest/backup/delta").status == 404);
    CHECK(ask(service.port(), "GET", "/pgBackRest/nothing").status == 404);
    CHECK(ask(service.port(), "DELETE", "/pgBackRest/info").status == 405);
    CHECK(service.job_count() == 0);
}
