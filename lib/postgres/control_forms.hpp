// The forms of control, one file each, and what they share. Internal to postgres.
#pragma once

#include "postgres/control.hpp"
#include "process/command.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::postgres {

[[nodiscard]] std::unique_ptr<control> make_pg_ctl_control(control_options how);
[[nodiscard]] std::unique_ptr<control> make_command_control(control_options how);
[[nodiscard]] std::unique_ptr<control> make_supervisor_control(control_options how);
[[nodiscard]] std::unique_ptr<control> make_agent_control(control_options how);

/// What the data directory tells; unknown when it names a process that we cannot see, or when
/// `data_dir` is empty.
[[nodiscard]] run_state look_at_data(const std::filesystem::path& data_dir);

void sleep_for(std::chrono::milliseconds time);
[[nodiscard]] std::chrono::milliseconds time_left(deadline_time deadline);

[[nodiscard]] std::string_view to_string(stop_mode mode);

/// `environment` of the options, or what of ours a server or a command may see.
[[nodiscard]] std::vector<std::string> environment_of(const control_options& how);

/// "ended with exit code 1", "was killed by signal 9", "did not end in time".
[[nodiscard]] std::string how_it_ended(const process::command_end& end);

} // namespace restpoint::postgres
