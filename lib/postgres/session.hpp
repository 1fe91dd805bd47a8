// A connection to PostgreSQL that blocks: for children of restpoint, never for the service's event
// loop, which has probe.hpp.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace restpoint::postgres {

struct session_options {
    std::string socket_dir = "/var/run/postgresql"; ///< folder of the socket, or a host name
    unsigned short port = 5432;
    std::string user = "postgres";
    std::string database = "postgres";
    std::chrono::seconds connect_deadline{5};
    std::chrono::seconds statement_deadline{60};
};

class session {
  public:
    using row = std::vector<std::string>; ///< NULL is an empty text

    /// Fails with `unavailable`, and libpq's message.
    [[nodiscard]] static result<session> open(const session_options& where);

    /// Whether a server is there and takes connections, if perhaps not those of this user.
    [[nodiscard]] static bool is_open_at(const session_options& where);

    session(session&&) noexcept;
    session& operator=(session&&) noexcept;
    ~session();

    /// Every row of one statement. Fails with `unavailable` when the connection is lost or the
    /// deadline has passed, with `invalid` when the server refuses the statement.
    [[nodiscard]] result<std::vector<row>> ask(const std::string& statement);

    /// The first value of the first row; "" when there is none.
    [[nodiscard]] result<std::string> ask_one(const std::string& statement);

  private:
    struct state;
    explicit session(std::unique_ptr<state> s);
    std::unique_ptr<state> state_;
};

} // namespace restpoint::postgres
