#include "api/service_metrics.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

jobs::schedule_run run(jobs::run_outcome outcome, int hours_ago) {
    jobs::schedule_run made;
    made.due = morning() - std::chrono::hours{hours_ago};
    made.outcome = outcome;
    return made;
}

} // namespace

TEST_CASE("a schedule tells its next and last run, and what it missed", "[unit][api]") {
    using enum jobs::run_outcome;
    metrics_page page;
    const std::vector<jobs::schedule_run> runs{
        run(missed, 1), run(standby, 2), run(superseded, 3), run(started, 4), run(failed, 5)};
    add_schedule_metrics(page, {"nightly", morning(), morning()}, runs);
    add_schedule_metrics(page, {"new", morning(), morning()}, {});

    const auto text = page.text();
    CHECK_THAT(
        text,
        ContainsSubstring(
            R"(restpoint_schedule_next_run_timestamp_seconds{schedule="nightly"} 1795334400)"));
    CHECK_THAT(
        text,
        ContainsSubstring(
            R"(restpoint_schedule_last_run_timestamp_seconds{schedule="nightly"} 1795323600)"));
    CHECK_THAT(text, ContainsSubstring(R"(restpoint_schedule_missed_runs{schedule="nightly"} 2)"));
    CHECK_THAT(text, ContainsSubstring(R"(restpoint_schedule_missed_runs{schedule="new"} 0)"));
    CHECK_THAT(text, !ContainsSubstring(R"(last_run_timestamp_seconds{schedule="new"})"));
}

TEST_CASE("the server's figures are counted by class of status", "[unit][api]") {
    metrics_page page;
    http::server_statistics server;
    server.connections = 3;
    server.answers = {0, 10, 2, 5, 1};
    server.refused_connections = 7;
    server.accept_pauses = 4;
    jobs::log_hub_statistics logs;
    logs.readers = 6;
    logs.cached_bytes = 4096;
    add_server_metrics(page, server, logs);

    const auto text = page.text();
    for (const auto* line :
         {R"(restpoint_http_requests_total{class="2xx"} 10)",
          R"(restpoint_http_requests_total{class="5xx"} 1)", "restpoint_http_connections 3",
          "restpoint_http_refused_connections_total 7", "restpoint_http_accept_pauses_total 4",
          "restpoint_log_readers 6", "restpoint_log_cache_bytes 4096"}) {
        CHECK_THAT(text, ContainsSubstring("\n" + std::string(line) + "\n"));
    }
}

TEST_CASE("the process and its disk have the usual names", "[unit][api]") {
    metrics_page page;
    own_process process;
    process.cpu_seconds = 1.25;
    process.resident_bytes = 1 << 20;
    process.virtual_bytes = 1 << 24;
    process.open_descriptors = 12;
    process.most_descriptors = 1024;
    process.started = morning();
    add_process_metrics(page, process, "1.2.3");
    add_disk_metrics(page, {1000, 600, 500});

    const auto text = page.text();
    for (const auto* line :
         {"process_cpu_seconds_total 1.25", "process_resident_memory_bytes 1048576",
          "process_virtual_memory_bytes 16777216", "process_open_fds 12", "process_max_fds 1024",
          "process_start_time_seconds 1795334400", R"(restpoint_build_info{version="1.2.3"} 1)",
          "restpoint_state_free_bytes 500", "restpoint_state_size_bytes 1000"}) {
        CHECK_THAT(text, ContainsSubstring("\n" + std::string(line) + "\n"));
    }
}

} // namespace restpoint::api
