// What values must look like, as questions about text. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace restpoint::config {

struct endpoint {
    std::string address; ///< an IP literal, without brackets
    unsigned short port = 0;
};

/// "127.0.0.1:5000" or "[::1]:5000"; none for anything else, names included.
[[nodiscard]] std::optional<endpoint> parse_endpoint(std::string_view text);
[[nodiscard]] std::string to_string(const endpoint& where);

/// Whether only this machine can reach the address: 127.0.0.0/8, ::1, and the former inside IPv6.
[[nodiscard]] bool is_loopback(const std::string& address);

/// A DNS name or an IP literal, without port, scheme and wildcard.
[[nodiscard]] bool is_host(std::string_view text);

/// Letters, digits, '-', '_', '.', first a letter or digit, at most 64: a stanza or a schedule, and
/// good in a path and on a command line.
[[nodiscard]] bool is_name(std::string_view text);

/// Not empty, at most `limit` bytes, no control characters.
[[nodiscard]] bool is_plain(std::string_view text, std::size_t limit);

/// An absolute path without control characters.
[[nodiscard]] bool is_absolute(std::string_view text);

/// The path of a Unix socket: absolute, and as long as the kernel takes (unix(7): 107 bytes).
[[nodiscard]] bool is_socket_path(std::string_view text);

/// Of "ci=operator" or "DNS:db.example.org=viewer": who has a certificate with this name has this
/// role. A name without a kind is the common name.
struct certificate_role {
    std::string kind = "CN"; ///< or "DNS", "email", "URI"
    std::string name = {};
    std::string role = {}; ///< "viewer", "operator" or "admin"

    friend bool operator==(const certificate_role&, const certificate_role&) = default;
};
[[nodiscard]] std::optional<certificate_role> parse_certificate_role(std::string_view text);
[[nodiscard]] std::string to_string(const certificate_role& what);

/// A name that the environment can hold: letters, digits, '_', no digit first.
[[nodiscard]] bool is_variable(std::string_view name);

/// What to do instead of setting a variable that would change how restpoint calls pgBackRest or
/// what it reads from it; none for a variable that may be set.
[[nodiscard]] std::optional<std::string> why_refused(std::string_view variable);

/// Whether a variable's value must not be shown, judged by its name (PASS, KEY, SECRET, TOKEN).
[[nodiscard]] bool holds_secret(std::string_view variable);

} // namespace restpoint::config
