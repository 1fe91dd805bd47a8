// A server that nobody supervises: started by pg_ctl, stopped by the signals that pg_ctl sends.
#include "base/file.hpp"
#include "postgres/complaints.hpp"
#include "postgres/control_forms.hpp"
#include "postgres/postmaster.hpp"

#include <fmt/format.h>

#include <utility>

namespace restpoint::postgres {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t log_looked_at = 16384;
constexpr auto spare = 5s; ///< for pg_ctl to say that its own time is over

std::filesystem::path program_of(const control_options& how) {
    if (!how.bin_dir.empty()) {
        return how.bin_dir / "pg_ctl";
    }
    constexpr std::size_t longest = 64;
    const auto version = read_file(how.data_dir / "PG_VERSION", longest);
    if (version) {
        const auto folder = std::filesystem::path("/usr/lib/postgresql") / last_line(*version);
        std::error_code ignored;
        if (std::filesystem::exists(folder / "bin/pg_ctl", ignored)) {
            return folder / "bin/pg_ctl";
        }
    }
    return "pg_ctl";
}

class pg_ctl_control final : public control {
  public:
    explicit pg_ctl_control(control_options how) : how_(std::move(how)) {}

    result<> start(deadline_time deadline) override {
        if (how_.data_dir.empty()) {
            return failure{
                errc::invalid, "there is no data directory to start PostgreSQL on",
                "set postgres.data_dir"};
        }
        if (const auto server = find_postmaster(how_.data_dir)) {
            return wait_until_ready(deadline);
        }
        const auto before = log_size();
        const auto end = process::run_command(
            {.argv = arguments(deadline), .environment = environment_of(how_)}, deadline + spare);
        if (!end) {
            auto why = end.error();
            why.hint = "set postgres.bin_dir to the folder of PostgreSQL's own programs";
            return why;
        }
        if (end->how.exit_code == 0) {
            return {};
        }
        if (find_postmaster(how_.data_dir)) {
            return wait_until_ready(deadline); // somebody else has started it, or it needs longer
        }
        return did_not_start(*end, before);
    }

    result<> stop(stop_mode mode, deadline_time deadline) override {
        const auto server = find_postmaster(how_.data_dir);
        if (!server) {
            return {};
        }
        if (auto told = tell_to_stop(*server, mode); !told) {
            return told;
        }
        return wait_for_stop(*server, mode, deadline);
    }

    result<run_state> status() override {
        if (const auto server = find_postmaster(how_.data_dir)) {
            return state_of(server->file);
        }
        std::error_code missing;
        if (!std::filesystem::is_directory(how_.data_dir, missing)) {
            return failure{
                errc::not_found,
                fmt::format("there is no data directory '{}'", how_.data_dir.native()),
                "check postgres.data_dir"};
        }
        return run_state::stopped; // pg_ctl runs nothing in other containers
    }

  private:
    [[nodiscard]] std::vector<std::string> arguments(deadline_time deadline) const {
        const auto seconds = std::chrono::ceil<std::chrono::seconds>(time_left(deadline)).count();
        const std::string log = how_.log_file.empty() ? "/dev/null" : how_.log_file.native();
        std::vector<std::string> all{
            program_of(how_).native(), "-D", how_.data_dir.native(), "-l", log, "-w", "-t",
            std::to_string(seconds)};
        if (!how_.pg_ctl_options.empty()) {
            all.insert(all.end(), {"-o", how_.pg_ctl_options});
        }
        all.emplace_back("start");
        return all;
    }

    [[nodiscard]] result<> wait_until_ready(deadline_time deadline) const {
        for (;;) {
            const auto server = find_postmaster(how_.data_dir);
            if (!server) {
                return failure{
                    errc::unavailable, "PostgreSQL ended while it was starting", log_hint()};
            }
            if (state_of(server->file) == run_state::running) {
                return {};
            }
            if (time_left(deadline) == 0ms) {
                return failure{
                    errc::timed_out,
                    fmt::format("PostgreSQL (pid {}) is still starting", server->file.pid),
                    "it goes on: after a crash it recovers from WAL first, which takes its time"};
            }
            sleep_for(std::min<std::chrono::milliseconds>(50ms, time_left(deadline)));
        }
    }

    [[nodiscard]] failure did_not_start(
        const process::command_end& end, std::uintmax_t log_before) const {
        std::string said;
        if (!how_.log_file.empty() && log_size() > log_before) {
            const auto tail = read_tail(how_.log_file, log_looked_at);
            said = tail ? last_complaint(*tail) : std::string{};
        }
        if (said.empty()) {
            said = last_line(end.output);
        }
        return {
            errc::unavailable,
            fmt::format("PostgreSQL did not start: pg_ctl {}: {}", how_it_ended(end), said),
            log_hint()};
    }

    [[nodiscard]] std::string log_hint() const {
        return how_.log_file.empty()
                   ? "look into PostgreSQL's log; without a logging collector set "
                     "postgres.log_file, so that there is one"
                   : fmt::format("look into '{}'", how_.log_file.native());
    }

    [[nodiscard]] std::uintmax_t log_size() const {
        std::error_code missing;
        const auto size = std::filesystem::file_size(how_.log_file, missing);
        return missing ? 0 : size;
    }

    control_options how_;
};

} // namespace

std::unique_ptr<control> make_pg_ctl_control(control_options how) {
    return std::make_unique<pg_ctl_control>(std::move(how));
}

} // namespace restpoint::postgres
