// Makes the stanza ready at start, as the old image did: it promised that backups could be taken as
// soon as the database was there.
#pragma once

#include "jobs/service.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace restpoint::schedule {

struct preparation {
    std::string stanza = {};
    std::function<boost::asio::awaitable<bool>()> database_runs;
    std::chrono::milliseconds ask_every{2000};
    std::chrono::milliseconds delay{10000}; ///< after the database first answered
};

/// Waits for the database, then runs stanza-create and, when that went well, check.
[[nodiscard]] boost::asio::awaitable<void> prepare_stanza(preparation what, jobs::service& jobs);

} // namespace restpoint::schedule
