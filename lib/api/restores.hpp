// What routes that plan and start restores need: handed in by the composition root, like the rest of
// the context.
#pragma once

#include "base/result.hpp"
#include "restore/plan.hpp"
#include "restore/plan_book.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace restpoint::api {

struct restore_desk {
    /// The cluster that a restore would replace, looked at now; empty: there are no restores.
    std::function<boost::asio::awaitable<restore::surroundings>()> look = {};
    /// The tablespaces of a set, by its label and repo; empty: nobody tells.
    std::function<boost::asio::awaitable<result<std::vector<backrest::tablespace_info>>>(
        std::string, std::int64_t)>
        tablespaces = {};
    /// What earlier restores left and cannot be read: sentences. Empty: nobody looks.
    std::function<std::vector<std::string>()> strange = {};
    bool can_stop = false; ///< restpoint was told how PostgreSQL is stopped and started
    restore::plan_book plans{};
    /// How long a plan waits for what pgbackrest says of the repos: who plans wants to know.
    std::chrono::milliseconds patience{30000};
    /// How soon it asks again when only an old answer came.
    std::chrono::milliseconds pause{500};
};

} // namespace restpoint::api
