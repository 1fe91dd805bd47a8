#include "config/constraint.hpp"
#include "config/key.hpp"

#include <fmt/format.h>

namespace restpoint::config {
namespace {

using verdict = std::optional<objection>;

verdict asks_or_does_not(const settings& s) {
    if (s.auth.mode == auth_mode::token || s.auth.anonymous == anonymous_role::by_address) {
        return {};
    }
    return objection{
        "leave auth.anonymous out to let everybody do everything, or write auth.mode = \"token\"",
        "it says what callers without a token may do, but auth.mode = \"none\" makes "
        "everybody an admin"};
}

verdict has_both(const settings& s) {
    if (s.server.tls_cert.empty() == s.server.tls_key.empty()) {
        return {};
    }
    const bool no_key = s.server.tls_key.empty();
    return objection{
        no_key ? "write server.tls_key too" : "write server.tls_cert too",
        no_key ? "a certificate is of no use without its key"
               : "a key is of no use without its certificate"};
}

verdict asks_over_tls(const settings& s) {
    if (s.server.tls_client_ca.empty() || !s.server.tls_cert.empty()) {
        return {};
    }
    return objection{
        "write server.tls_cert and server.tls_key",
        "clients show certificates over TLS only, and there is no certificate of restpoint's own"};
}

verdict knows_issuers(const settings& s) {
    if (s.auth.certificates.empty() || !s.server.tls_client_ca.empty()) {
        return {};
    }
    return objection{
        "write server.tls_client_ca",
        "no certificate can be believed, since nobody is named who signs them"};
}

verdict stops_in_time(const settings& s) {
    if (s.shutdown.running_jobs == running_jobs::leave || s.jobs.stop_grace < s.shutdown.grace) {
        return {};
    }
    return objection{
        "make jobs.stop_grace_s shorter than shutdown.grace_s, so that a job which does not end "
        "by itself is killed and recorded before restpoint is gone",
        fmt::format(
            "jobs may take {} s to stop, but shutdown.grace_s allows {} s for everything",
            s.jobs.stop_grace.count(), s.shutdown.grace.count())};
}

verdict can_be_controlled(const settings& s) {
    const auto& postgres = s.postgres;
    switch (postgres.control) {
    case postgres_control::pg_ctl:
        if (postgres.data_dir.empty()) {
            return objection{
                "write postgres.data_dir too", "pg_ctl needs to know which cluster it is about"};
        }
        return {};
    case postgres_control::command:
        if (postgres.start_command.empty() || postgres.stop_command.empty()) {
            return objection{
                "write postgres.start_command and postgres.stop_command",
                "PostgreSQL is to be started and stopped by commands, and one is missing"};
        }
        return {};
    case postgres_control::supervisor:
    case postgres_control::agent:
        if (postgres.control_socket.empty()) {
            return objection{
                "write postgres.control_socket too", "who runs PostgreSQL is asked on a socket"};
        }
        return {};
    case postgres_control::none:
        break;
    }
    return {};
}

} // namespace

std::span<const relation> relations() {
    static const std::vector<relation> table = {
        {{"server.tls_cert", "server.tls_key"}, has_both},
        {{"server.tls_client_ca", "server.tls_cert"}, asks_over_tls},
        {{"auth.certificates", "server.tls_client_ca"}, knows_issuers},
        {{"auth.anonymous", "auth.mode"}, asks_or_does_not},
        {{"postgres.control"}, can_be_controlled},
        {{"jobs.stop_grace_s", "shutdown.grace_s", "shutdown.running_jobs"}, stops_in_time}};
    return table;
}

} // namespace restpoint::config
