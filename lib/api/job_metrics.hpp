// Jobs as figures: by kind and outcome, never by id. Pure.
#pragma once

#include "api/metrics_page.hpp"
#include "jobs/job.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

namespace restpoint::api {

inline constexpr std::array<jobs::job_kind, 13> counted_kinds{
    jobs::job_kind::backup,          jobs::job_kind::stanza_create,  jobs::job_kind::check,
    jobs::job_kind::verify,          jobs::job_kind::expire,         jobs::job_kind::stanza_upgrade,
    jobs::job_kind::annotate,        jobs::job_kind::restore,        jobs::job_kind::undo,
    jobs::job_kind::forget,          jobs::job_kind::postgres_start, jobs::job_kind::postgres_stop,
    jobs::job_kind::postgres_restart};

class job_counts {
  public:
    /// A job that has just ended: counted, and remembered.
    void count(const jobs::job& ended);

    /// A job that ended at some time, perhaps before this process began.
    void remember(const jobs::job& ended);

    void write(metrics_page& page, std::span<const jobs::job> unfinished) const;

  private:
    struct figures {
        std::map<jobs::job_state, std::uint64_t> ended = {};
        std::uint64_t timed = 0;
        double seconds = 0;
        std::optional<wall_time> success = {};
        std::optional<wall_time> failure = {};
        double last_duration = 0; ///< of the last success
    };
    static void write_outcomes(metrics_page& page, jobs::job_kind kind, const figures& of_kind);

    std::map<jobs::job_kind, figures> kinds_ = {};
};

} // namespace restpoint::api
