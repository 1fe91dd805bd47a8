// The configuration as plain values. The initialisers here are the defaults; where else a value may
// come from, what is allowed and what it means stands in keys.cpp, in one table.
#pragma once

#include "base/log.hpp"
#include "config/constraint.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace restpoint::config {

enum class auth_mode {
    token, ///< callers show a token
    none   ///< written out by the operator: whoever reaches the address is an admin
};

/// What callers without a token may do.
enum class anonymous_role {
    by_address, ///< not set: operators on loopback, nothing elsewhere
    none,
    viewer,
    operate
};

enum class running_jobs {
    leave, ///< jobs outlive restpoint and are taken up by the next one
    stop   ///< jobs end within the grace period: where everything dies with restpoint (containers)
};

/// Who starts and stops PostgreSQL.
enum class postgres_control { none, pg_ctl, command, supervisor, agent };

/// One [[schedule]] as it is written. What the expression and the zone mean is not this module's to
/// say.
struct schedule_entry {
    std::string name = {};
    std::string action = {}; ///< "backup", "check", "verify" or "expire"
    std::string type = {};   ///< "full", "diff" or "incr"; empty for what is no backup
    std::string cron = {};
    std::string time_zone = "UTC";
    std::chrono::seconds jitter{0};
    bool catch_up = true;
    std::string run_on = "primary"; ///< or "any"
    bool claim = false;
    bool enabled = true;
    std::string where = {};                          ///< "FILE:LINE" of its first line
    std::map<std::string, std::string> sources = {}; ///< "schedule.cron" to "FILE:LINE"; a default
                                                     ///< has none

    friend bool operator==(const schedule_entry&, const schedule_entry&) = default;
};

struct settings {
    struct {
        std::string address = "127.0.0.1"; ///< an IP literal, without brackets
        unsigned short port = 5000;        ///< 0: the kernel chooses
        std::chrono::seconds request_timeout{30};
        std::size_t max_connections = 2000;
        std::vector<std::string> allowed_hosts = {};
        std::string tls_cert = {}; ///< empty: HTTP without TLS
        std::string tls_key = {};
        std::string tls_client_ca = {}; ///< empty: no client is asked for a certificate
        std::string unix_socket = {};   ///< empty: there is none
    } server;
    struct {
        auth_mode mode = auth_mode::token;
        anonymous_role anonymous = anonymous_role::by_address;
        std::string tokens_file = {}; ///< empty: `tokens` in state.dir
        std::vector<certificate_role> certificates = {};
    } auth;
    struct {
        std::string binary = "pgbackrest";
        std::string config = "/etc/pgbackrest/pgbackrest.conf";
        std::string stanza = "main";
        std::map<std::string, std::string> environment = {}; ///< extra variables for children
    } pgbackrest;
    struct {
        std::string socket_dir = "/var/run/postgresql"; ///< or a host name
        unsigned short port = 5432;
        std::string user = "postgres";
        std::string database = "postgres";
        std::string data_dir = {}; ///< empty: what pgBackRest's configuration says
        std::string bin_dir = {};  ///< empty: found by the version of data_dir
        postgres_control control = postgres_control::none;
        std::string control_socket = {};
        std::string pg_ctl_options = {};
        std::string log_file = {};
        std::string start_command = {};
        std::string stop_command = {};
        std::string status_command = {};
        std::string supervisor_program = "postgresql";
        std::string supervisor_user = {};
        std::string supervisor_password = {};
    } postgres;
    struct {
        std::chrono::hours keep_previous{24};
        std::string check_sql = {};
    } restore;
    struct {
        std::string dir = "/var/lib/restpoint";
        std::chrono::days keep_jobs{90};
        std::int64_t keep_log_bytes = std::int64_t{1} << 30;
    } state;
    struct {
        std::chrono::seconds stop_grace{15}; ///< between TERM and KILL of a job's processes
    } jobs;
    struct {
        config::running_jobs running_jobs = config::running_jobs::leave;
        std::chrono::seconds grace{20};
    } shutdown;
    restpoint::log::options log;
    std::vector<schedule_entry> schedules = {}; ///< in the order of the file
};

} // namespace restpoint::config
