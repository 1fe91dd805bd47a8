// Whom the connection itself names: the holder of a certificate, a user of this machine. Pure.
#pragma once

#include "auth/role.hpp"
#include "http/peer_facts.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::api {

struct certificate_rule {
    http::certificate_name name = {};
    auth::role role = auth::role::viewer;
};

/// Whose process this is.
struct own_account {
    std::uint32_t user = 0;
    std::string name = {};
};

struct known_peer {
    std::string caller = {}; ///< "certificate ci", "user postgres"
    std::string shown = {};  ///< "the certificate 'ci'", for a sentence
    auth::role role = auth::role::viewer;
};

/// The first rule that names one of the certificate's names, as long as the certificate is good.
/// Over a Unix socket root is admin, and our own user operator: every superuser of PostgreSQL can
/// become it (COPY … TO PROGRAM). None for who is not known.
[[nodiscard]] std::optional<known_peer> recognise(
    const http::peer_facts& from, const std::vector<certificate_rule>& rules,
    const std::optional<own_account>& own, std::chrono::system_clock::time_point now);

} // namespace restpoint::api
