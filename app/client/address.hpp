// Where the service is, and what is sent to it. Pure.
#pragma once

#include "base/result.hpp"
#include "client/command_line.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace restpoint::client {

enum class transport { tcp, tls, local };

/// What a client shows and believes over TLS: paths of PEM files.
struct tls_choice {
    std::string ca_file = {};     ///< whose certificates are believed; empty: the system's
    std::string certificate = {}; ///< our own; empty: none is shown
    std::string key = {};         ///< empty: it is in the file of the certificate

    friend bool operator==(const tls_choice&, const tls_choice&) = default;
};

struct address {
    std::string host = {}; ///< without brackets
    std::string port = {};
    std::string authority = {}; ///< as it stands in the URL, for Host
    transport by = transport::tcp;
    std::string path = {}; ///< of a Unix socket
    tls_choice tls = {};

    friend bool operator==(const address&, const address&) = default;
};

/// Of "http://HOST[:PORT][/]", port 80 when it names none, "https://…", port 443, or "unix:/PATH".
/// Fails with `invalid`.
[[nodiscard]] result<address> parse_address(std::string_view url);

struct http_request {
    std::string method = "GET";
    std::string target = {};
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
};

/// What an order asks for first. Of `logs` with follow it is the job's events.
[[nodiscard]] http_request request_of(const order& what);

[[nodiscard]] http_request stanza_of(const order& what);
[[nodiscard]] http_request events_of(
    std::string_view id, std::string_view level, std::string_view last_event_id);
[[nodiscard]] http_request cancel_of(std::string_view id);
[[nodiscard]] http_request job_of(std::string_view id);
/// A plan that was shown, carried out.
[[nodiscard]] http_request restore_of(
    const order& what, std::string_view plan, std::string_view digest, std::string_view confirm);

/// A token out of a file or the environment: its first line. Fails with `invalid` on what can
/// stand in no header.
[[nodiscard]] result<std::string> parse_token(std::string_view text);

/// The whole request, for a connection that is used once. An empty token is not sent.
[[nodiscard]] std::string to_text(
    const http_request& what, const address& where, std::string_view token);

} // namespace restpoint::client
