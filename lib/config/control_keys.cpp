#include "config/control_keys.hpp"

#include "config/constraint.hpp"
#include "config/key_kinds.hpp"

namespace restpoint::config {
namespace {

/// A line for /bin/sh: blanks and quotes, but no line ends.
bool is_command_line(const std::string& given) {
    constexpr std::size_t longest = 4096;
    return is_plain(given, longest);
}

constexpr const char* a_command_line = "a line of at most 4096 bytes without control characters";

template <class Member>
key command_key(std::string name, Member member, std::string help, std::string example) {
    return optional_text(
        std::move(name), member, is_command_line, a_command_line, std::move(help),
        std::move(example));
}

std::vector<key> place_keys() {
    return {
        optional_path(
            "postgres.data_dir", [](auto& s) -> auto& { return s.postgres.data_dir; },
            "PostgreSQL's data directory: what a restore replaces.",
            "\"/var/lib/postgresql/15/main\""),
        optional_path(
            "postgres.bin_dir", [](auto& s) -> auto& { return s.postgres.bin_dir; },
            "The folder of PostgreSQL's own programs (pg_ctl, postgres). Without this key it is "
            "/usr/lib/postgresql/VERSION/bin for the version of the data directory, or PATH.",
            "\"/usr/lib/postgresql/15/bin\"")};
}

std::vector<key> form_keys() {
    return {
        choice<>(
            "postgres.control", [](auto& s) -> auto& { return s.postgres.control; },
            std::vector<std::pair<std::string, postgres_control>>{
                {"none", postgres_control::none},
                {"pg_ctl", postgres_control::pg_ctl},
                {"command", postgres_control::command},
                {"supervisor", postgres_control::supervisor},
                {"agent", postgres_control::agent}},
            "Who starts and stops PostgreSQL when a restore or an admin wants it. \"pg_ctl\": "
            "restpoint itself, a server that nobody supervises. \"command\": the commands below, "
            "for systemd or pg_ctlcluster. \"supervisor\": supervisord. \"agent\": 'restpoint "
            "agent' in the container of PostgreSQL. \"none\": nobody, and what needs it is "
            "refused."),
        optional_text(
            "postgres.control_socket", [](auto& s) -> auto& { return s.postgres.control_socket; },
            is_socket_path, "an absolute path of at most 107 bytes",
            "The Unix socket of supervisord ([unix_http_server]) or of the agent.",
            "\"/run/supervisor.sock\"")};
}

std::vector<key> command_keys() {
    return {
        command_key(
            "postgres.start_command", [](auto& s) -> auto& { return s.postgres.start_command; },
            "For control \"command\": a line for /bin/sh that starts PostgreSQL, returns once it "
            "is "
            "started, and lets its output go elsewhere.",
            "\"sudo systemctl start postgresql@15-main\""),
        command_key(
            "postgres.stop_command", [](auto& s) -> auto& { return s.postgres.stop_command; },
            "For control \"command\": a line that stops it and returns once it is stopped. "
            "RESTPOINT_STOP_MODE in its environment is fast or immediate.",
            "\"sudo systemctl stop postgresql@15-main\""),
        command_key(
            "postgres.status_command", [](auto& s) -> auto& { return s.postgres.status_command; },
            "For control \"command\", where the data directory does not tell whether PostgreSQL "
            "runs (it runs in another container): a line that returns 0 when it does and 3 when "
            "it does not.",
            "\"pg_ctlcluster 15 main status\""),
        command_key(
            "postgres.pg_ctl_options", [](auto& s) -> auto& { return s.postgres.pg_ctl_options; },
            "For control \"pg_ctl\": further options for the server, as 'pg_ctl -o' takes them.",
            "\"-c config_file=/etc/postgresql/15/main/postgresql.conf\""),
        optional_path(
            "postgres.log_file", [](auto& s) -> auto& { return s.postgres.log_file; },
            "For control \"pg_ctl\": where the server's standard error goes. Without this key "
            "only a logging collector keeps what it says.",
            "\"/var/log/postgresql/postgresql.log\"")};
}

std::vector<key> supervisor_keys() {
    auto password = optional_text(
        "postgres.supervisor_password",
        [](auto& s) -> auto& { return s.postgres.supervisor_password; }, is_command_line,
        a_command_line, "The password with it.", "\"...\"");
    password.secret = secrecy::secret;
    return {
        text(
            "postgres.supervisor_program",
            [](auto& s) -> auto& { return s.postgres.supervisor_program; }, is_command_line,
            a_command_line,
            "For control \"supervisor\": the program of supervisord's configuration that is "
            "PostgreSQL, GROUP:NAME in a group. It needs stopsignal=INT, autorestart=unexpected "
            "and a stopwaitsecs that is longer than archiving takes."),
        command_key(
            "postgres.supervisor_user", [](auto& s) -> auto& { return s.postgres.supervisor_user; },
            "The user name that [unix_http_server] asks for, if it does.", "\"restpoint\""),
        password};
}

} // namespace

std::vector<key> control_keys() {
    std::vector<key> all;
    for (auto part : {place_keys(), form_keys(), command_keys(), supervisor_keys()}) {
        std::ranges::move(part, std::back_inserter(all));
    }
    return all;
}

} // namespace restpoint::config
