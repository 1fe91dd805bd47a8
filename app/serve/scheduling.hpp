// The schedules at work: the keeper with what it asks of the rest, and what the old image promised
// beside its backups.
#pragma once

#include "jobs/service.hpp"
#include "postgres/probe.hpp"
#include "schedule/keeper.hpp"
#include "schedules.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>
#include <vector>

namespace restpoint {

using postgres_question = std::function<boost::asio::awaitable<postgres::server_status>()>;

class scheduling {
  public:
    struct surroundings {
        jobs::service& jobs;
        jobs::store& rows;
        std::string stanza;
        postgres_question postgres_status;
        decltype(schedule::keeper_options::claim) claim;
        decltype(schedule::keeper_options::claimed) claimed;
    };
    scheduling(boost::asio::any_io_executor executor, surroundings around);

    /// From now on these hold. What is due at this moment under those before is run first.
    void replace(const schedule_set& schedules);

    /// All of them, in the order they are written.
    [[nodiscard]] const std::vector<schedule::configured>& configured() const { return all_; }
    [[nodiscard]] schedule::keeper& keeper() { return keeper_; }

    /// Runs what is due. Ends by cancellation only.
    [[nodiscard]] boost::asio::awaitable<void> run();

    /// Warns where PostgreSQL is there and does not let us ask for its role: told now, and not only
    /// when the first run is due.
    [[nodiscard]] boost::asio::awaitable<void> try_role();

    /// The next run of each schedule.
    [[nodiscard]] std::vector<schedule::upcoming> next_runs() const;

    /// Makes the stanza ready once the database answers, and ends.
    [[nodiscard]] boost::asio::awaitable<void> prepare();

  private:
    surroundings around_;
    schedule::keeper keeper_;
    std::vector<schedule::configured> all_ = {};
    bool needs_role_ = false; ///< one of them is the primary's alone
};

} // namespace restpoint
