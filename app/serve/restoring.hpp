// What a restore must know of the cluster it would replace: asked of the server and of the disk.
#pragma once

#include "base/result.hpp"
#include "postgres/probe.hpp"
#include "restore/look_at_place.hpp"
#include "restore/plan.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>

namespace restpoint {

class restoring {
  public:
    struct questions {
        std::function<boost::asio::awaitable<postgres::server_report>()> server = {};
        std::function<boost::asio::awaitable<result<postgres::neighbours>>()> neighbours = {};
        restore::place_question place = {}; ///< the server adds what it says itself
    };
    explicit restoring(questions ask);

    /// Never fails: what could not be looked at is among the warnings.
    [[nodiscard]] boost::asio::awaitable<restore::surroundings> look();

  private:
    questions ask_;
    boost::asio::thread_pool pool_{1}; ///< for the disk
};

} // namespace restpoint
