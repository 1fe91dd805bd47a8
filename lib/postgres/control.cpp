#include "postgres/control.hpp"

#include "base/file.hpp"
#include "postgres/control_forms.hpp"
#include "postgres/postmaster.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace restpoint::postgres {

namespace {

failure nobody_told_us() {
    return {
        errc::unavailable,
        "restpoint does not know who runs PostgreSQL, so it neither starts nor stops it",
        "set postgres.control to pg_ctl, command, supervisor or agent"};
}

class no_control final : public control {
  public:
    explicit no_control(control_options how) : how_(std::move(how)) {}

    result<> start(deadline_time /*deadline*/) override { return nobody_told_us(); }
    result<> stop(stop_mode /*mode*/, deadline_time /*deadline*/) override {
        return nobody_told_us();
    }
    result<run_state> status() override { return look_at_data(how_.data_dir); }

  private:
    control_options how_;
};

/// Of libpq ("PGHOST", "PGPORT" …, some of which the server reads too), of pgBackRest and of
/// restpoint: what is ours must not become the server's.
bool is_ours_alone(std::string_view entry) {
    constexpr std::array<std::string_view, 14> libpq{
        "PGHOST=",     "PGHOSTADDR=", "PGPORT=",    "PGDATABASE=",       "PGUSER=",
        "PGPASSWORD=", "PGPASSFILE=", "PGSERVICE=", "PGSERVICEFILE=",    "PGOPTIONS=",
        "PGAPPNAME=",  "PGDATA=",     "PGSSLMODE=", "PGCONNECT_TIMEOUT="};
    return entry.starts_with("PGBACKREST_") || entry.starts_with("RESTPOINT_") ||
           std::ranges::any_of(libpq, [&](auto name) { return entry.starts_with(name); });
}

} // namespace

std::string_view to_string(run_state state) {
    switch (state) {
    case run_state::running:
        return "running";
    case run_state::stopped:
        return "stopped";
    case run_state::starting:
        return "starting";
    case run_state::unknown:
        break;
    }
    return "unknown";
}

std::string_view to_string(stop_mode mode) {
    return mode == stop_mode::fast ? "fast" : "immediate";
}

result<> control::hold(std::string_view /*holder*/) {
    return {};
}

result<> control::release(std::string_view /*holder*/) {
    return {};
}

result<std::string> control::holder() {
    return std::string();
}

std::unique_ptr<control> make_control(control_options how) {
    switch (how.form) {
    case control_form::pg_ctl:
        return make_pg_ctl_control(std::move(how));
    case control_form::command:
        return make_command_control(std::move(how));
    case control_form::supervisor:
        return make_supervisor_control(std::move(how));
    case control_form::agent:
        return make_agent_control(std::move(how));
    case control_form::none:
        break;
    }
    return std::make_unique<no_control>(std::move(how));
}

run_state look_at_data(const std::filesystem::path& data_dir) {
    if (data_dir.empty()) {
        return run_state::unknown;
    }
    if (const auto server = find_postmaster(data_dir)) {
        return state_of(server->file);
    }
    constexpr std::size_t longest = 65536;
    const auto text = read_file(data_dir / "postmaster.pid", longest);
    if (!text) {
        return text.error().code == errc::not_found ? run_state::stopped : run_state::unknown;
    }
    // Left by a crash, or of a server in another container, whose processes we do not see. A pid
    // that nobody has here may be alive there: only one that somebody else has is known to be old.
    const auto file = parse_postmaster_file(*text);
    const bool is_nobody = !file || (::kill(file->pid, 0) != 0 && errno == ESRCH);
    return is_nobody ? run_state::unknown : run_state::stopped;
}

void sleep_for(std::chrono::milliseconds time) {
    ::poll(nullptr, 0, static_cast<int>(time.count()));
}

std::chrono::milliseconds time_left(deadline_time deadline) {
    return std::max(
        std::chrono::milliseconds{0},
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()));
}

std::vector<std::string> environment_of(const control_options& how) {
    if (how.environment) {
        return *how.environment;
    }
    std::vector<std::string> made;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        if (!is_ours_alone(*entry)) {
            made.emplace_back(*entry);
        }
    }
    return made;
}

std::string how_it_ended(const process::command_end& end) {
    if (end.timed_out) {
        return "did not end in time";
    }
    if (end.how.signal) {
        return fmt::format("was ended by signal {}", *end.how.signal);
    }
    return fmt::format("ended with exit code {}", end.how.exit_code.value_or(-1));
}

} // namespace restpoint::postgres
