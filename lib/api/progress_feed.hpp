// The progress of jobs that somebody follows, written once for all who do.
#pragma once

#include "jobs/service.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace restpoint::api {

/// The `progress` event of one job, as it was last written.
struct shared_progress {
    std::chrono::steady_clock::time_point due = {}; ///< written anew from then on
    std::shared_ptr<const std::string> text = {};   ///< null: there is none
};

class progress_feed {
  public:
    using clock = std::chrono::steady_clock;

    explicit progress_feed(std::chrono::milliseconds every = std::chrono::seconds{1})
        : every_(every) {}

    /// How often it is worth looking.
    [[nodiscard]] std::chrono::milliseconds every() const { return every_; }

    /// A place of this job among those that are followed; hold it for as long as you do.
    [[nodiscard]] std::shared_ptr<shared_progress> follow(jobs::job_id id);

    /// What is known now; the same text again while nothing has changed.
    [[nodiscard]] boost::asio::awaitable<std::shared_ptr<const std::string>> look(
        jobs::service& jobs, jobs::job_id id, std::shared_ptr<shared_progress> place) const;

  private:
    std::chrono::milliseconds every_;
    std::map<jobs::job_id, std::weak_ptr<shared_progress>> followed_ = {};
};

} // namespace restpoint::api
