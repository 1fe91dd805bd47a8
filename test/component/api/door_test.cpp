// Browsers, and what must start nothing.
#include "running_service.hpp"
#include "support/catch.hpp"
#include "web_client.hpp"

#include <chrono>

using namespace restpoint;
using namespace restpoint::test;

namespace {

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

const std::string navigation = "Sec-Fetch-Site: none\r\nSec-Fetch-Mode: navigate\r\n"
                               "Sec-Fetch-Dest: document\r\nAccept: text/html\r\n"
                               "User-Agent: Mozilla/5.0\r\n";
const std::string unmarked = "Accept: text/html\r\nUser-Agent: Mozilla/5.0\r\n";
const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";

/// The value of the token in the form that posts to `path`.
std::string token_in(const std::string& page, const std::string& path) {
    const auto at = page.find("action=\"" + path + "\"");
    REQUIRE(at != std::string::npos);
    const auto value = page.find("value=\"", at) + 7;
    return page.substr(value, page.find('"', value) - value);
}

} // namespace

TEST_CASE("a browser is sent to the job, where reloading starts nothing", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    const auto sent = ask(service.port(), "GET", "/pgBackRest/backup/full", navigation);

    CHECK(sent.status == 303);
    CHECK(sent.headers.at("location") == "/pgBackRest/jobs/1");
    for (int i = 0; i < 5; ++i) {
        web_client reload(service.port(), "GET", sent.headers.at("location"), navigation);
        CHECK(reload.until("backup command begin").status == 200);
    }
    service.open_gate();
    const auto end = ask(service.port(), "GET", sent.headers.at("location"), navigation);
    CHECK(holds(end.body, "<h1> Success </h1> <br/>"));
    const auto later = ask(service.port(), "GET", sent.headers.at("location"), navigation);
    CHECK(holds(later.body, "new backup label"));
    CHECK(holds(later.body, "<h1> Success </h1> <br/>"));
    CHECK(service.job_count() == 1);
}

TEST_CASE("the level goes along to the job's page", "[component][api]") {
    running_service service;
    const auto sent = ask(service.port(), "GET", "/pgBackRest/create?level=detail", navigation);

    CHECK(sent.headers.at("location") == "/pgBackRest/jobs/1?level=detail");
}

TEST_CASE("HEAD, prefetches, other sites and foreign hosts start nothing", "[component][api]") {
    running_service service;
    struct attempt {
        std::string verb;
        std::string headers;
        int status;
    };
    const std::vector<attempt> attempts{
        {"HEAD", "", 200},
        {"GET", "Sec-Purpose: prefetch\r\n", 403},
        {"GET", "Purpose: prefetch\r\n", 403},
        {"GET", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n", 403},
        {"GET", "Sec-Fetch-Site: same-site\r\n", 403},
        {"POST", "Origin: http://evil.example\r\n", 403},
        {"GET", "Host: evil.example\r\n", 421},
        {"GET", unmarked, 403},
        {"POST", unmarked, 403},
        {"GET", "User-Agent: Mozilla/5.0\r\nAccept: image/*\r\n", 403},
    };
    for (const auto* path : {"/pgBackRest/backup/full", "/pgBackRest/create"}) {
        for (const auto& [verb, headers, status] : attempts) {
            INFO(verb << " " << path << "\n" << headers);
            CHECK(ask(service.port(), verb, path, headers).status == status);
        }
    }
    CHECK(service.job_count() == 0);
}

TEST_CASE("what the guard turns away stands in the audit trail", "[component][api]") {
    running_service service;
    const auto long_path = "/" + std::string(5000, 'x');
    ask(service.port(), "GET", "/pgBackRest/backup/full", "Host: evil.example\r\n");
    ask(service.port(), "POST", "/pgBackRest/create", "Origin: http://evil.example\r\n");
    ask(service.port(), "GET", long_path, "Host: evil.example\r\n");

    CHECK(
        service.audited() == std::vector<std::string>{
                                 "refused: 421 host_not_allowed", "refused: 403 cross_site",
                                 "refused: 421 host_not_allowed"});
    for (const auto& what : service.audited_requests()) {
        CHECK(what.size() < 300);
    }
}

TEST_CASE("a flood of refused requests does not flood the audit trail", "[component][api]") {
    running_service service;
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) {
        ask(service.port(), "GET", "/", "Host: evil.example\r\n");
    }
    const auto took = std::chrono::steady_clock::now() - began;

    // Ten a second, one that says that more come, and one that says how many came.
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(took).count() + 1;
    CHECK(service.audited().size() <= static_cast<std::size_t>(12 * seconds));
    CHECK(service.audited().size() > 10);
}

TEST_CASE("the API starts and cancels nothing for other sites", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=wait-for-file"});
    const std::string evil = "Origin: http://evil.example\r\n";
    const std::string path = "/api/v1/stanzas/main/backups";
    const auto started = ask(service.port(), "POST", path, evil, R"({"type":"full"})");
    CHECK(started.status == 403);
    CHECK(service.job_count() == 0);

    ask(service.port(), "POST", path, "", R"({"type":"full"})");
    CHECK(ask(service.port(), "POST", "/api/v1/jobs/1/cancel", evil).status == 403);
    CHECK(ask(service.port(), "POST", "/pgBackRest/jobs/1/cancel", evil).status == 403);
    CHECK(ask(service.port(), "GET", "/api/v1/jobs/1/cancel").status == 405);
    CHECK(service.state_of(1) != "cancelled");
    service.open_gate();
}

TEST_CASE("a link on another site leads to a button, not to a backup", "[component][api]") {
    running_service service;
    const auto page =
        ask(service.port(), "GET", "/pgBackRest/backup/full",
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n"
            "Accept: text/html\r\n");

    CHECK(page.status == 403);
    CHECK(holds(page.body, "<form method=\"post\" action=\"/pgBackRest/backup/full\">"));
    CHECK(service.job_count() == 0);
    CHECK(service.audited() == std::vector<std::string>{"refused: 403 cross_site"});
}

TEST_CASE("an unmarked browser starts a job by its button, once", "[component][api]") {
    running_service service;
    const auto page = ask(service.port(), "GET", "/pgBackRest/backup/full", unmarked);
    const auto body = "token=" + token_in(page.body, "/pgBackRest/backup/full");

    const auto elsewhere = ask(service.port(), "POST", "/pgBackRest/create", unmarked + form, body);
    CHECK(elsewhere.status == 403);
    CHECK(service.job_count() == 0);

    const auto pressed =
        ask(service.port(), "POST", "/pgBackRest/backup/full", unmarked + form, body);
    CHECK(pressed.status == 303);
    CHECK(pressed.headers.at("location") == "/pgBackRest/jobs/1");
    ask(service.port(), "GET", "/pgBackRest/jobs/1", unmarked);

    const auto again =
        ask(service.port(), "POST", "/pgBackRest/backup/full", unmarked + form, body);
    CHECK(again.status == 403);
    CHECK(service.job_count() == 1);
}

TEST_CASE("a job is cancelled by the button of its page", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=hang"});
    ask(service.port(), "GET", "/pgBackRest/backup/full", navigation);
    web_client page(service.port(), "GET", "/pgBackRest/jobs/1", unmarked);
    const auto shown = page.until("backup command begin");
    const std::string path = "/pgBackRest/jobs/1/cancel";

    CHECK(ask(service.port(), "POST", path, unmarked + form, "token=wrong").status == 403);
    const auto pressed =
        ask(service.port(), "POST", path, unmarked + form, "token=" + token_in(shown.body, path));

    CHECK(pressed.status == 303);
    const auto end = page.whole();
    CHECK(holds(end.body, "<h1> Error </h1>"));
    CHECK(holds(end.body, "cancelled"));
    CHECK(holds(end.body, "<style>.running{display:none}</style>"));
    CHECK(end.trailers.at("restpoint-job-state") == "cancelled");
}

TEST_CASE(
    "the start page has buttons that work and needs nothing from elsewhere", "[component][api]") {
    running_service service;
    const auto page = ask(service.port(), "GET", "/", navigation);

    CHECK(page.status == 200);
    CHECK_FALSE(holds(page.body, "<script"));
    CHECK_FALSE(holds(page.body, "src="));
    CHECK_FALSE(holds(page.body, "://"));
    CHECK_FALSE(holds(page.body, "style=\""));
    CHECK(holds(page.headers.at("content-security-policy"), "default-src 'none'"));
    for (const std::string type : {"full", "diff", "incr"}) {
        const auto path = "/pgBackRest/backup/" + type;
        const auto pressed = ask(
            service.port(), "POST", path, unmarked + form, "token=" + token_in(page.body, path));
        REQUIRE(pressed.status == 303);
        ask(service.port(), "GET", pressed.headers.at("location"));
    }
    const auto list = ask(service.port(), "GET", "/pgBackRest/jobs", navigation);
    CHECK(holds(list.body, "full backup of main"));
    CHECK(holds(list.body, "/pgBackRest/jobs/3"));
}

TEST_CASE("a job that is not there has no page", "[component][api]") {
    running_service service;

    CHECK(ask(service.port(), "GET", "/pgBackRest/jobs/1").status == 404);
    CHECK(ask(service.port(), "GET", "/pgBackRest/jobs/0").status == 404);
    CHECK(ask(service.port(), "GET", "/pgBackRest/jobs/x").status == 404);
}
