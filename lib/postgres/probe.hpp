// Read-only questions to PostgreSQL over asynchronous libpq: a hung server holds no thread, only
// the coroutine that asks.
#pragma once

#include "base/result.hpp"
#include "postgres/neighbours.hpp"
#include "postgres/server_facts.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace restpoint::postgres {

struct connection_options {
    std::string socket_dir = "/var/run/postgresql"; ///< folder of the socket, or a host name
    unsigned short port = 5432;
    std::string user = "postgres";
    std::string database = "postgres";
    std::chrono::milliseconds deadline{3000};
};

enum class server_state {
    running,    ///< accepts connections (or refuses this one for a reason of its own: password,
                ///< database)
    starting,   ///< there, but in recovery before consistency, or shutting down (SQLSTATE 57P03)
    stopped,    ///< nobody listens
    unreachable ///< no answer within the deadline
};

[[nodiscard]] std::string_view to_string(server_state state);

struct server_status {
    server_state state = server_state::stopped;
    std::optional<bool> in_recovery = {}; ///< pg_is_in_recovery(); none when it could not be asked
    std::string detail = {};              ///< libpq's message when not running
};

/// Never fails: not knowing is `unreachable`.
[[nodiscard]] boost::asio::awaitable<server_status> ask_status(connection_options where);

/// Where the server stands in its write-ahead log, and how its archiving goes. Fails with
/// `unavailable` where there is no server that answers.
[[nodiscard]] boost::asio::awaitable<result<wal_facts>> ask_wal(connection_options where);

struct server_report {
    server_status status = {};
    std::optional<server_facts> facts = {}; ///< none: why stands in status.detail
    std::string held_by = {}; ///< who has its agent keep it stopped; empty: nobody, or not known
};

/// All that it says of itself. Never fails: not knowing is an answer too.
[[nodiscard]] boost::asio::awaitable<server_report> look_at_server(connection_options where);

/// Who follows it, and what a restore would take from it. Fails with `unavailable` where there is no
/// server that answers.
[[nodiscard]] boost::asio::awaitable<result<neighbours>> ask_neighbours(connection_options where);

} // namespace restpoint::postgres
