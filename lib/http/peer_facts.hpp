// What a connection proves of who is behind it, before a byte of a request is read.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace restpoint::http {

/// A name that a client's certificate was made out to.
struct certificate_name {
    std::string kind = {}; ///< "CN", or "DNS", "email" or "URI" among its alternative names
    std::string value = {};

    friend bool operator==(const certificate_name&, const certificate_name&) = default;
};

struct peer_facts {
    bool encrypted = false; ///< TLS of our own
    /// Of a certificate that the client showed and whose issuer we trust; empty without one.
    std::vector<certificate_name> certificate = {};
    std::chrono::system_clock::time_point certificate_ends = {};
    std::optional<std::uint32_t> user = {}; ///< who connected, over a Unix socket only
};

} // namespace restpoint::http
