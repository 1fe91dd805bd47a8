#include "api/known_peer.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::api {

std::optional<known_peer> recognise(
    const http::peer_facts& from, const std::vector<certificate_rule>& rules,
    const std::optional<own_account>& own, std::chrono::system_clock::time_point now) {
    if (from.user == 0U) {
        return known_peer{"user root", "the user 'root'", auth::role::admin};
    }
    if (from.user && own && own->user == *from.user) {
        return known_peer{
            "user " + own->name, fmt::format("the user '{}'", own->name), auth::role::operate};
    }
    if (from.certificate.empty() || from.certificate_ends <= now) {
        return std::nullopt;
    }
    const auto fits = [&from](const certificate_rule& rule) {
        return std::ranges::find(from.certificate, rule.name) != from.certificate.end();
    };
    const auto rule = std::ranges::find_if(rules, fits);
    if (rule == rules.end()) {
        return std::nullopt;
    }
    const auto& name = rule->name.value;
    return known_peer{"certificate " + name, fmt::format("the certificate '{}'", name), rule->role};
}

} // namespace restpoint::api
