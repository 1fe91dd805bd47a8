#include "control_options.hpp"

namespace restpoint {
namespace {

postgres::control_form form_of(config::postgres_control chosen) {
    switch (chosen) {
    case config::postgres_control::pg_ctl:
        return postgres::control_form::pg_ctl;
    case config::postgres_control::command:
        return postgres::control_form::command;
    case config::postgres_control::supervisor:
        return postgres::control_form::supervisor;
    case config::postgres_control::agent:
        return postgres::control_form::agent;
    case config::postgres_control::none:
        break;
    }
    return postgres::control_form::none;
}

} // namespace

postgres::control_options control_options_of(const config::settings& settings) {
    const auto& from = settings.postgres;
    return {
        .form = form_of(from.control),
        .data_dir = from.data_dir,
        .bin_dir = from.bin_dir,
        .pg_ctl_options = from.pg_ctl_options,
        .log_file = from.log_file,
        .start_command = from.start_command,
        .stop_command = from.stop_command,
        .status_command = from.status_command,
        .socket = from.control_socket,
        .program = from.supervisor_program,
        .user = from.supervisor_user,
        .password = from.supervisor_password};
}

} // namespace restpoint
