// Starts and stops PostgreSQL by way of whoever runs it. BLOCKING: for children of restpoint
// (restore-exec, postgres-exec), never for the service's event loop. Asking PostgreSQL itself
// anything is probe.hpp's.
//
// What a form starts does not belong to the job that started it: it has a session of its own and
// none of our descriptors, above all not the lock of the job's shim, so the shim neither waits for
// it nor ends it (process/shim_tree.hpp), and it outlives a kill -9 of either. Where a service
// manager ends restpoint's whole control group, a server started by `pg_ctl` ends with it: such a
// server is to be started by the service manager (`command`).
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::postgres {

using deadline_time = std::chrono::steady_clock::time_point;

enum class control_form {
    none,       ///< nobody told us who runs it: every order is refused
    pg_ctl,     ///< nobody supervises it
    command,    ///< the operator's own commands: systemd, pg_ctlcluster
    supervisor, ///< supervisord, asked on its Unix socket
    agent       ///< restpoint agent, asked on its Unix socket
};

enum class stop_mode {
    fast,     ///< sessions are ended, a checkpoint is written, archiving is completed
    immediate ///< as a crash: the next start recovers from WAL
};

enum class run_state {
    running, ///< also while it stops
    stopped,
    starting, ///< there, and not ready for connections yet
    unknown   ///< nobody can tell
};
[[nodiscard]] std::string_view to_string(run_state state);

struct control_options {
    control_form form = control_form::none;
    std::filesystem::path data_dir = {};
    std::filesystem::path bin_dir = {}; ///< empty: Debian's place for the version of data_dir, PATH
    std::string pg_ctl_options = {};    ///< for the server, as `pg_ctl -o` takes them
    std::filesystem::path log_file = {}; ///< of a server that pg_ctl starts; empty: /dev/null
    /// Lines for /bin/sh, of the configuration alone. In their environment RESTPOINT_STOP_MODE is
    /// "fast" or "immediate". Start and stop return 0 once it is done; status returns 0 when it
    /// runs and 3 when it is stopped.
    std::string start_command = {};
    std::string stop_command = {};
    std::string status_command = {};
    std::string socket = {};            ///< of supervisord, or of the agent
    std::string program = "postgresql"; ///< supervisord's name of it, "group:name" too
    std::string user = {};              ///< of supervisord's socket, if it asks for one
    std::string password = {};          ///< with it
    /// Of what is started; none: ours without PGBACKREST_*, RESTPOINT_* and libpq's PG*.
    std::optional<std::vector<std::string>> environment = {};
};

class control {
  public:
    virtual ~control() = default;

    /// Returns when whoever runs it says that it is started; good at once when it runs already.
    /// Whether it accepts writes is asked over libpq. Fails with `timed_out` when it is still
    /// starting at the deadline, with `unavailable` when it did not start.
    [[nodiscard]] virtual result<> start(deadline_time deadline) = 0;

    /// Returns when it has ended; good at once when it does not run. Fails with `timed_out` when it
    /// is still stopping at the deadline: the failure says what it waits for, as far as one can see
    /// (a hanging archive command, above all). A stop with another mode may follow.
    [[nodiscard]] virtual result<> stop(stop_mode mode, deadline_time deadline) = 0;

    [[nodiscard]] virtual result<run_state> status() = 0;

    /// From here on nobody but `holder` starts it: whoever runs it keeps it stopped, also across
    /// its own restarts, until release(). Repeating it is good. Fails with `conflict` when somebody
    /// else holds it. Only an agent knows this; for other forms it does nothing.
    [[nodiscard]] virtual result<> hold(std::string_view holder);
    /// Good when nobody holds it; does not start it.
    [[nodiscard]] virtual result<> release(std::string_view holder);
    /// Who holds it stopped; empty: nobody, or nobody who knows. Fails when an agent does not answer.
    [[nodiscard]] virtual result<std::string> holder();
};

[[nodiscard]] std::unique_ptr<control> make_control(control_options how);

} // namespace restpoint::postgres
