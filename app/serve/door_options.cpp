#include "serve/door_options.hpp"

#include "base/log.hpp"
#include "config/constraint.hpp"

#include <pwd.h>
#include <unistd.h>

#include <chrono>

namespace restpoint {
namespace {

/// The name of our own user; its number where it has none.
api::own_account own_account() {
    const auto user = ::geteuid();
    const passwd* const entry = ::getpwuid(user); // before any thread could ask, too
    return {user, entry == nullptr ? std::to_string(user) : std::string(entry->pw_name)};
}

std::vector<api::certificate_rule> rules_of(const std::vector<config::certificate_role>& all) {
    std::vector<api::certificate_rule> rules;
    for (const auto& one : all) {
        const auto role = auth::parse_role(one.role).value_or(auth::role::viewer);
        rules.push_back({{one.kind, one.name}, role});
    }
    return rules;
}

} // namespace

api::door_options door_options_of(const config::settings& settings) {
    api::door_options options;
    if (settings.auth.mode == config::auth_mode::none) {
        options.mode = api::door_mode::everyone;
    }
    options.certificates = rules_of(settings.auth.certificates);
    options.own = own_account();
    switch (settings.auth.anonymous) {
    case config::anonymous_role::by_address:
        if (config::is_loopback(settings.server.address)) {
            options.anonymous = auth::role::operate;
            options.anonymous_for = api::anonymous_who::direct;
        }
        break;
    case config::anonymous_role::none:
        break;
    case config::anonymous_role::viewer:
        options.anonymous = auth::role::viewer;
        break;
    case config::anonymous_role::operate:
        options.anonymous = auth::role::operate;
        break;
    }
    return options;
}

void report_door(const config::settings& settings, const api::door& door) {
    const bool far = !config::is_loopback(settings.server.address);
    if (door.mode() == api::door_mode::everyone) {
        if (far) {
            log::warn(
                "everybody who reaches the address is an admin",
                {{"address", settings.server.address},
                 {"hint", "auth.mode = \"token\" asks who they are"}});
        }
        return;
    }
    const bool known = !settings.server.unix_socket.empty() || !settings.auth.certificates.empty();
    if (!known && !door.anonymous() &&
        !door.tokens().has_good_one(std::chrono::system_clock::now())) {
        log::warn(
            "nobody can come in: there is no good token yet",
            {{"hint", "restpoint token create --name NAME --role operator"}});
    }
    if (far && settings.server.tls_cert.empty()) {
        log::warn(
            "tokens and answers travel unencrypted to whoever is not on this machine",
            {{"address", settings.server.address},
             {"hint",
              "set server.tls_cert and server.tls_key, or listen on loopback behind a proxy "
              "that speaks TLS, with auth.anonymous = \"none\": everybody behind a proxy comes "
              "from loopback"}});
    }
}

} // namespace restpoint
