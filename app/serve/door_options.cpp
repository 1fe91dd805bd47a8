#include "serve/door_options.hpp"

#include "base/log.hpp"
#include "config/constraint.hpp"

#include <chrono>

namespace restpoint {

api::door_options door_options_of(const config::settings& settings) {
    api::door_options options;
    if (settings.auth.mode == config::auth_mode::none) {
        options.mode = api::door_mode::everyone;
    }
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
    if (!door.anonymous() && !door.tokens().has_good_one(std::chrono::system_clock::now())) {
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
