// Figures about restpoint itself: its schedules, its server, its process, its disk. Pure.
#pragma once

#include "api/metrics_page.hpp"
#include "base/own_process.hpp"
#include "http/server.hpp"
#include "jobs/log_hub.hpp"
#include "jobs/schedule_record.hpp"
#include "schedule/keeper.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace restpoint::api {

/// `newest_first` are the latest runs of the schedule.
void add_schedule_metrics(
    metrics_page& page, const schedule::upcoming& next,
    std::span<const jobs::schedule_run> newest_first);

void add_server_metrics(
    metrics_page& page, const http::server_statistics& server,
    const jobs::log_hub_statistics& logs);

void add_process_metrics(
    metrics_page& page, const own_process& process, const std::string& version);

void add_disk_metrics(metrics_page& page, const std::filesystem::space_info& state_folder);

} // namespace restpoint::api
