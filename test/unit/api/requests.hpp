// Requests and jobs as the tests need them.
#pragma once

#include "http/request.hpp"
#include "jobs/job.hpp"

#include <string>
#include <utility>
#include <vector>

namespace restpoint::api {

using pairs = std::vector<std::pair<std::string, std::string>>;

inline http::request get(std::string path, pairs headers = {}, pairs query = {}) {
    http::request asked;
    asked.verb = http::method::get;
    asked.path = std::move(path);
    asked.headers = std::move(headers);
    asked.query = std::move(query);
    asked.peer = "127.0.0.1:52114";
    return asked;
}

/// 2026-11-22T08:00:00Z.
inline wall_time morning() {
    return *parse_rfc3339("2026-11-22T08:00:00Z");
}

inline jobs::job running_backup() {
    jobs::job j;
    j.id = 12;
    j.spec.kind = jobs::job_kind::backup;
    j.spec.stanza = "main";
    j.spec.type = backrest::backup_type::full;
    j.state = jobs::job_state::running;
    j.requested_by = "http 127.0.0.1";
    j.created = morning();
    j.started = morning();
    return j;
}

inline jobs::job failed_backup() {
    auto j = running_backup();
    j.state = jobs::job_state::failed;
    j.finished = morning() + std::chrono::minutes{2};
    j.exit_code = 82;
    j.error = backrest::command_error{
        82, "archive-timeout", "WAL segment was not archived", "look at the archive_command"};
    return j;
}

} // namespace restpoint::api
