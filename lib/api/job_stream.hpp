// The page of a job as a body that grows: its head at once, the log as it is written, the outcome
// when the job has ended.
#pragma once

#include "backrest/log_line.hpp"
#include "http/reply.hpp"
#include "jobs/service.hpp"

#include <chrono>
#include <string>

namespace restpoint::api {

/// Where a finished job's outcome stands in the bytes. On the screen it is at the top either way.
enum class outcome_place {
    end,  ///< as on a page that grew
    begin ///< as the old server wrote it
};

struct job_stream_options {
    backrest::log_level level = backrest::log_level::info;
    outcome_place place = outcome_place::end;
    std::string cancel_button = {}; ///< HTML for the head of a job that runs
    /// After so long without a line an empty comment is sent: a backup says nothing for hours at
    /// level info, and proxies cut what is silent for a minute.
    std::chrono::milliseconds keep_alive{25000};
};

/// The whole reply: status 200, Restpoint-Job, the declared trailers. `place` begin is for jobs
/// that are final.
[[nodiscard]] http::streamed job_stream(
    jobs::service& jobs, jobs::job what, job_stream_options options);

} // namespace restpoint::api
