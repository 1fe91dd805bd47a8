#include "api/service_metrics.hpp"

#include <algorithm>

namespace restpoint::api {
namespace {

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

double timestamp(wall_time t) {
    return std::chrono::duration<double>(t.time_since_epoch()).count();
}

} // namespace

void add_schedule_metrics(
    metrics_page& page, const schedule::upcoming& next,
    std::span<const jobs::schedule_run> newest_first) {
    using jobs::run_outcome;
    const metric_labels labels{{"schedule", next.schedule}};
    page.gauge(
        "restpoint_schedule_next_run_timestamp_seconds",
        "When the schedule is due next; in the past while the run waits for something.",
        timestamp(next.due), labels);
    const auto ran = std::ranges::find_if(newest_first, [](const jobs::schedule_run& one) {
        return one.outcome == run_outcome::started || one.outcome == run_outcome::superseded;
    });
    if (ran != newest_first.end()) {
        page.gauge(
            "restpoint_schedule_last_run_timestamp_seconds",
            "The due time of the last run that became a job, or that another job stood in for.",
            timestamp(ran->due), labels);
    }
    const auto not_run = std::ranges::count_if(newest_first, [](const jobs::schedule_run& one) {
        return one.outcome == run_outcome::missed || one.outcome == run_outcome::failed;
    });
    page.gauge(
        "restpoint_schedule_missed_runs",
        "How many of the latest 100 due times passed without a run.", static_cast<double>(not_run),
        labels);
}

void add_server_metrics(
    metrics_page& page, const http::server_statistics& server,
    const jobs::log_hub_statistics& logs) {
    for (std::size_t i = 0; i < server.answers.size(); ++i) {
        page.counter(
            "restpoint_http_requests_total", "Requests that were answered, by class of status.",
            number(server.answers[i]), {{"class", std::to_string(i + 1) + "xx"}});
    }
    page.gauge(
        "restpoint_http_connections", "Connections that are open.", number(server.connections));
    page.counter(
        "restpoint_http_refused_connections_total",
        "Connections that were turned away because there were too many.",
        number(server.refused_connections));
    page.counter(
        "restpoint_http_accept_pauses_total", "Waits because descriptors or memory had run out.",
        number(server.accept_pauses));
    page.gauge("restpoint_log_readers", "Readers of job logs.", number(logs.readers));
    page.gauge(
        "restpoint_log_cache_bytes", "Bytes of rendered logs that are kept for others.",
        number(logs.cached_bytes));
}

void add_process_metrics(
    metrics_page& page, const own_process& process, const std::string& version) {
    page.counter(
        "process_cpu_seconds_total", "User and system time of this process.", process.cpu_seconds);
    page.gauge("process_open_fds", "Descriptors that are open.", number(process.open_descriptors));
    page.gauge(
        "process_max_fds", "Descriptors that may be open.", number(process.most_descriptors));
    page.gauge(
        "process_resident_memory_bytes", "Memory of this process that is in RAM.",
        number(process.resident_bytes));
    page.gauge(
        "process_virtual_memory_bytes", "Address space of this process.",
        number(process.virtual_bytes));
    page.gauge(
        "process_start_time_seconds", "When this process began.", timestamp(process.started));
    page.gauge(
        "restpoint_build_info", "The version of restpoint, as a label.", 1, {{"version", version}});
}

void add_disk_metrics(metrics_page& page, const std::filesystem::space_info& state_folder) {
    page.gauge(
        "restpoint_state_free_bytes",
        "Room on the file system of the state directory, for restpoint's own user.",
        number(state_folder.available));
    page.gauge(
        "restpoint_state_size_bytes", "Size of the file system of the state directory.",
        number(state_folder.capacity));
}

} // namespace restpoint::api
