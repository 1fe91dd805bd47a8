// Whether anybody listens where PostgreSQL should: the question that libpq answers only in words.
#pragma once

#include "base/result.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace restpoint::postgres {

/// Where a server listens: the path of a Unix socket, or the addresses of a host.
struct server_address {
    std::string socket_path = {};          ///< set for a Unix socket; '@' in front: abstract
    std::string host = {};                 ///< as configured
    std::vector<std::string> numeric = {}; ///< of the host
    unsigned short port = 0;
};

using deadline_time = std::chrono::steady_clock::time_point;

/// The address for `socket_dir` (a folder, or a host name, which is looked up). Fails with
/// `unavailable` when the name has no address, or nobody said so until `deadline`.
[[nodiscard]] boost::asio::awaitable<result<server_address>> locate(
    std::string socket_dir, unsigned short port, deadline_time deadline);

enum class listening {
    nobody, ///< refused, or there is no such socket
    somebody,
    unknown ///< no answer until the deadline, not permitted, no route
};

/// Connects, and says no word. With several addresses: nobody only if that holds for all.
[[nodiscard]] boost::asio::awaitable<listening> who_listens(
    server_address where, deadline_time deadline);

} // namespace restpoint::postgres
