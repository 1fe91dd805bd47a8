// Start, stop and status as the operator has written them down: `systemctl start postgresql@15-main`,
// `pg_ctlcluster 15 main stop -m fast`. Run by /bin/sh; their texts come from the configuration
// alone.
#include "postgres/complaints.hpp"
#include "postgres/control_forms.hpp"
#include "postgres/postmaster.hpp"
#include "postgres/stop_notes.hpp"

#include <fmt/format.h>

#include <utility>

namespace restpoint::postgres {

namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

constexpr auto status_time = 10s;
constexpr int exit_stopped = 3; ///< of LSB, systemctl and pg_ctl

failure no_command(std::string_view key) {
    return {
        errc::unavailable, fmt::format("no command is written down in {}", key),
        fmt::format("set {}, or another postgres.control", key)};
}

class command_control final : public control {
  public:
    explicit command_control(control_options how) : how_(std::move(how)) {}

    result<> start(deadline_time deadline) override {
        if (how_.start_command.empty()) {
            return no_command("postgres.start_command");
        }
        const auto before = status();
        if (before && *before == run_state::running) {
            return {};
        }
        const auto end = process::run_command(line(how_.start_command, {}), deadline);
        if (!end) {
            return end.error();
        }
        if (end->how.exit_code == 0) {
            return {};
        }
        const auto now = status();
        if (now && *now == run_state::running) {
            return {}; // an earlier start, whose command was cut off, has come to its end
        }
        return failure{
            now && *now == run_state::starting ? errc::timed_out : errc::unavailable,
            fmt::format(
                "the command in postgres.start_command {}: {}", how_it_ended(*end),
                last_line(end->output)),
            "run it by hand as the user that restpoint runs as, and look into PostgreSQL's log"};
    }

    result<> stop(stop_mode mode, deadline_time deadline) override {
        if (how_.stop_command.empty()) {
            return no_command("postgres.stop_command");
        }
        const auto before = status();
        if (before && *before == run_state::stopped) {
            return {};
        }
        const auto begin = clock::now();
        auto running = process::begin_command(line(how_.stop_command, mode));
        if (!running) {
            return running.error();
        }
        if (mode == stop_mode::immediate) {
            hurry();
        }
        const auto end = process::finish_command(std::move(*running), deadline);
        const auto now = status();
        if (now && *now == run_state::stopped) {
            return {};
        }
        const auto server = find_postmaster(how_.data_dir);
        if (end.how.exit_code == 0 && server) {
            return wait_for_stop(*server, mode, deadline); // a command that does not wait
        }
        if (end.how.exit_code == 0 && (!now || *now == run_state::unknown)) {
            return {}; // nobody knows better
        }
        if (server && (end.timed_out || server->file.status == "stopping")) {
            return stop_took_too_long(
                to_string(mode),
                std::chrono::floor<std::chrono::milliseconds>(clock::now() - begin),
                titles_below(server->file.pid));
        }
        return did_not_stop(end);
    }

    result<run_state> status() override {
        // What the data directory says is right whenever it says something: Debian's unit
        // postgresql.service is active with no server running.
        const auto seen = look_at_data(how_.data_dir);
        if (seen != run_state::unknown || how_.status_command.empty()) {
            return seen;
        }
        const auto end =
            process::run_command(line(how_.status_command, {}), clock::now() + status_time);
        if (!end) {
            return end.error();
        }
        if (end->how.exit_code == 0) {
            return run_state::running;
        }
        return end->how.exit_code == exit_stopped ? run_state::stopped : seen;
    }

  private:
    [[nodiscard]] process::spawn_request line(
        const std::string& text, std::optional<stop_mode> mode) const {
        auto environment = environment_of(how_);
        if (mode) {
            environment.push_back(fmt::format("RESTPOINT_STOP_MODE={}", to_string(*mode)));
        }
        return {.argv = {"/bin/sh", "-c", text}, .environment = std::move(environment)};
    }

    /// The command has told its manager that the end is wanted; a command that knows one mode only
    /// gets this one from us.
    void hurry() const {
        if (const auto server = find_postmaster(how_.data_dir)) {
            [[maybe_unused]] const auto tried = tell_to_stop(*server, stop_mode::immediate);
        }
    }

    [[nodiscard]] static failure did_not_stop(const process::command_end& end) {
        if (end.timed_out) {
            return {
                errc::timed_out, "the command in postgres.stop_command did not end in time",
                "PostgreSQL may wait for its archiver: look whether the archive command hangs"};
        }
        return {
            errc::unavailable,
            fmt::format(
                "PostgreSQL is not stopped: the command in postgres.stop_command {}: {}",
                how_it_ended(end), last_line(end.output)),
            "run it by hand as the user that restpoint runs as"};
    }

    control_options how_;
};

} // namespace

std::unique_ptr<control> make_command_control(control_options how) {
    return std::make_unique<command_control>(std::move(how));
}

} // namespace restpoint::postgres
