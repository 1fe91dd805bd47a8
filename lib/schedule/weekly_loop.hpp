// Performs the old image's schedule: backups at the times of a weekly plan, and the stanza made
// ready at start.
//
// The loop sleeps in short stretches and looks at the wall clock after each, so a clock that is
// set, or a machine that slept, neither skips a due backup nor repeats one.
#pragma once

#include "jobs/service.hpp"
#include "schedule/weekly.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace restpoint::schedule {

struct weekly_options {
    weekly plan = {};
    std::string stanza = {};
    std::chrono::milliseconds longest_sleep{15000};
    std::function<wall_time()> now = [] { return std::chrono::system_clock::now(); };
};

/// Submits a backup whenever one is due (queued when another job is in the way). Ends by
/// cancellation only.
[[nodiscard]] boost::asio::awaitable<void> run_weekly(
    weekly_options options, jobs::service& jobs, jobs::store& rows);

struct preparation {
    std::string stanza = {};
    std::function<boost::asio::awaitable<bool>()> database_runs;
    std::chrono::milliseconds ask_every{2000};
    std::chrono::milliseconds delay{10000}; ///< after the database first answered
};

/// Waits for the database, then runs stanza-create and, when that went well, check.
[[nodiscard]] boost::asio::awaitable<void> prepare_stanza(preparation what, jobs::service& jobs);

} // namespace restpoint::schedule
