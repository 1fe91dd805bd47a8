// GET /metrics and /readyz.
#include "running_service.hpp"
#include "support/catch.hpp"
#include "web_client.hpp"

#include <boost/json/parse.hpp>

#include <regex>
#include <set>
#include <sstream>

namespace json = boost::json;
using namespace restpoint;
using namespace restpoint::test;

namespace {

const std::string backups = "/api/v1/stanzas/main/backups";

struct figures {
    std::map<std::string, std::string> types = {}; ///< of the families
    std::map<std::string, double> series = {};     ///< by name and labels
};

std::string without_suffix(std::string name) {
    for (const std::string suffix : {"_count", "_sum"}) {
        if (name.ends_with(suffix)) {
            return name.substr(0, name.size() - suffix.size());
        }
    }
    return name;
}

/// The format as its description has it, and no more: help and type once and in this order before
/// the series of the family, names and labels well-formed, nothing twice, everything sorted.
figures parse(const std::string& body) {
    static const std::regex help(R"(# HELP ([a-z_]+) ([^\n]+))");
    static const std::regex type(R"(# TYPE ([a-z_]+) (gauge|counter|summary))");
    static const std::regex sample(
        R"(([a-z_]+)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? (\S+))");
    figures found;
    std::string family;
    std::string last_series;
    bool typed = true;
    REQUIRE(body.ends_with('\n'));
    std::istringstream lines(body);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        std::smatch part;
        if (std::regex_match(line, part, help)) {
            REQUIRE(typed);
            REQUIRE(part.str(1) > family);
            family = part.str(1);
            typed = false;
            last_series.clear();
        } else if (std::regex_match(line, part, type)) {
            REQUIRE_FALSE(typed);
            REQUIRE(part.str(1) == family);
            REQUIRE((part.str(2) == "counter") == family.ends_with("_total"));
            found.types[family] = part.str(2);
            typed = true;
        } else {
            REQUIRE(std::regex_match(line, part, sample));
            REQUIRE(typed);
            const auto name =
                found.types[family] == "summary" ? without_suffix(part.str(1)) : part.str(1);
            REQUIRE(name == family);
            const auto series = part.str(1) + part.str(2);
            REQUIRE(series > last_series);
            last_series = series;
            std::size_t read = 0;
            found.series[series] = std::stod(part.str(3), &read);
            REQUIRE(read == part.str(3).size());
        }
    }
    return found;
}

figures scrape(const running_service& service) {
    const auto answer = ask(service.port(), "GET", "/metrics");
    REQUIRE(answer.status == 200);
    REQUIRE(answer.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
    return parse(answer.body);
}

const std::string succeeded = R"(restpoint_jobs_ended_total{kind="backup",state="succeeded"})";
const std::string failed = R"(restpoint_jobs_ended_total{kind="backup",state="failed"})";

void back_up(const running_service& service) {
    const auto before = scrape(service);
    const auto ended = before.series.at(succeeded) + before.series.at(failed);
    const auto accepted = ask(service.port(), "POST", backups, "", R"({"type":"full"})");
    REQUIRE(accepted.status == 202);
    ask(service.port(), "GET", "/pgBackRest/jobs/" + accepted.headers.at("restpoint-job"));
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    for (auto now = before; now.series.at(succeeded) + now.series.at(failed) == ended;
         now = scrape(service)) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
    }
}

} // namespace

TEST_CASE("the metrics are what Prometheus reads", "[component][api]") {
    running_service service;
    back_up(service);
    const auto found = scrape(service);

    for (const auto* name :
         {"pgbackrest_exporter_status{stanza=\"main\"}",
          "pgbackrest_stanza_status{stanza=\"main\"}", "pgbackrest_version_info",
          "restpoint_build_info{version=\"1.2.3\"}", "restpoint_http_connections",
          "process_resident_memory_bytes", "restpoint_state_free_bytes",
          "restpoint_schedule_next_run_timestamp_seconds{schedule=\"nightly\"}",
          "restpoint_job_last_success_timestamp_seconds{kind=\"backup\"}"}) {
        CAPTURE(name);
        CHECK(found.series.contains(name));
    }
    CHECK(found.series.at("pgbackrest_version_info") == 2045000);
    CHECK(found.series.at(succeeded) == 1);
    CHECK(found.series.at(R"(restpoint_job_duration_seconds_count{kind="backup"})") == 1);
    CHECK(found.series.at(R"(restpoint_http_requests_total{class="2xx"})") >= 2);
    CHECK(found.series.size() < 200);
}

TEST_CASE("neither jobs nor requests make new series", "[component][api]") {
    running_service service;
    back_up(service);
    const auto before = scrape(service);
    for (int i = 0; i < 3; ++i) {
        back_up(service);
        ask(service.port(), "GET", "/nowhere/" + std::to_string(i));
    }
    const auto after = scrape(service);

    CHECK(after.series.size() == before.series.size());
    CHECK(after.series.at(succeeded) == 4);
    CHECK(
        after.series.at(R"(restpoint_http_requests_total{class="4xx"})") ==
        before.series.at(R"(restpoint_http_requests_total{class="4xx"})") + 3);
}

TEST_CASE("jobs of before this process are remembered", "[component][api]") {
    running_service service;
    back_up(service);
    // Routes made anew know nothing but what is in the store.
    const auto text = service.metrics_of_a_new_router();
    const auto found = parse(text);

    CHECK(found.series.at(succeeded) == 0);
    CHECK(
        found.series.at(R"(restpoint_job_last_success_timestamp_seconds{kind="backup"})") > 1.6e9);
}

TEST_CASE("a repo that hangs costs its own figures and no others", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=hung-info"});
    const auto found = scrape(service);

    CHECK(found.series.at("pgbackrest_exporter_status{stanza=\"main\"}") == 0);
    CHECK_FALSE(found.series.contains("pgbackrest_stanza_status{stanza=\"main\"}"));
    CHECK(found.series.at("restpoint_stanza_state{stanza=\"main\",state=\"unknown\"}") == 1);
    CHECK(found.series.contains("process_open_fds"));
}

TEST_CASE("a service that can work is ready", "[component][api]") {
    running_service service;
    const auto ready = ask(service.port(), "GET", "/readyz");
    const auto told = ask(service.port(), "GET", "/readyz?verbose");

    CHECK(ready.status == 200);
    CHECK(ready.body == "ok");
    CHECK(told.status == 200);
    CHECK(told.body == "[+] store\n[+] pgbackrest\nready\n");
    CHECK(ask(service.port(), "GET", "/readyz?verbose=perhaps").status == 400);
    CHECK(ask(service.port(), "HEAD", "/readyz").status == 200);
}

TEST_CASE("without its store or pgbackrest it is not ready, and says why", "[component][api]") {
    running_service service;
    service.pretend(std::optional<backrest::program_version>{});
    const auto waiting = ask(service.port(), "GET", "/readyz");
    CHECK(waiting.status == 503);
    CHECK(waiting.headers.contains("retry-after"));
    const auto reasons = json::parse(waiting.body).as_object().at("reasons").as_array();
    REQUIRE(reasons.size() == 1);
    CHECK(reasons[0].at("check") == "pgbackrest");

    service.pretend(backrest::program_version{2, 45, 0});
    service.lose_store();
    const auto lost = ask(service.port(), "GET", "/readyz?verbose");
    CHECK(lost.status == 503);
    CHECK_THAT(lost.body, ContainsSubstring("[-] store: '"));
    CHECK_THAT(lost.body, ContainsSubstring("was removed or replaced"));
    CHECK_THAT(lost.body, ContainsSubstring("[+] pgbackrest\nnot ready\n"));
}

TEST_CASE("a failed backup is no reason not to be ready", "[component][api]") {
    running_service service({"FAKE_PGBACKREST_MODE=fail"});
    back_up(service);

    CHECK(ask(service.port(), "GET", "/readyz").status == 200);
}
