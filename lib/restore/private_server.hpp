// A server on a restored directory that nobody but us can reach: a socket in a folder of ours, no
// address, archiving held back. It replays and waits; nothing promotes it. Blocking.
#pragma once

#include "base/result.hpp"
#include "postgres/session.hpp"

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::restore {

struct private_options {
    std::filesystem::path data = {};
    std::filesystem::path bin_dir = {};     ///< of PostgreSQL's programs
    std::filesystem::path config_file = {}; ///< outside the data directory; empty: in it
    std::filesystem::path work = {};        ///< for its socket, log and host-based authentication
    std::string user = "postgres";
    std::string database = "postgres";
    std::vector<std::string> environment = {};
};

class private_server {
  public:
    /// Fails as spawn() does. That it runs does not mean that it answers yet.
    [[nodiscard]] static result<private_server> start(private_options how);

    private_server(private_server&& other) noexcept;
    private_server& operator=(private_server&&) = delete;
    ~private_server(); ///< stops it at once where stop() was not called

    [[nodiscard]] bool is_alive();
    [[nodiscard]] result<postgres::session> connect(const std::string& database = {}) const;

    /// Whether it takes connections at all: then connect() fails for a reason of its own.
    [[nodiscard]] bool takes_connections() const;

    /// Whether it says in its log that it is paused at the target.
    [[nodiscard]] bool stands_at_target() const;
    /// Whether it has paused since the WAL wants higher settings than it has, max_connections for one
    /// (27.4.5 Hot Standby Parameter Reference).
    [[nodiscard]] bool lacks_settings() const;

    /// Ends it cleanly. Fails with `timed_out` after a minute; then it was killed.
    [[nodiscard]] result<> stop();

    /// What it last complained about; empty when it did not.
    [[nodiscard]] std::string complaint() const;

  private:
    private_server(private_options how, std::filesystem::path socket_folder, pid_t pid);
    bool wait_for_end(int milliseconds);
    [[nodiscard]] postgres::session_options address(const std::string& database) const;

    private_options how_;
    std::filesystem::path socket_folder_;
    pid_t pid_ = 0; ///< 0: it has ended
};

} // namespace restpoint::restore
