// The name that a caller gives a request, so that asking again is not asking twice. Plain values.
#pragma once

#include "jobs/job.hpp"

#include <chrono>
#include <string>

namespace restpoint::jobs {

/// How long a key stands for its request at least; no longer than the job is kept.
inline constexpr std::chrono::hours request_keys_kept{24};

struct request_key {
    std::string scope = {};  ///< whose key it is: callers do not share their keys
    std::string key = {};    ///< as the caller chose it
    std::string digest = {}; ///< of all that the request asks for

    friend bool operator==(const request_key&, const request_key&) = default;
};

/// What was started under a key.
struct keyed_job {
    job_id job = 0;
    std::string digest = {};

    friend bool operator==(const keyed_job&, const keyed_job&) = default;
};

} // namespace restpoint::jobs
