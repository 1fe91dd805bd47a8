// A request as the rest of the house sees it: parsed, decoded, checked. No Beast in here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace restpoint::http {

class departure;
struct peer_facts;

enum class method { get, head, post, put, patch, delete_, options, other };

[[nodiscard]] std::string_view to_string(method m);

struct request {
    method verb = method::get;
    std::string path = {}; ///< decoded, begins with '/', holds no NUL, no "..", no empty segment
    std::vector<std::pair<std::string, std::string>> query =
        {}; ///< decoded, in order, a name may repeat
    std::vector<std::pair<std::string, std::string>> headers = {}; ///< names in lower case
    std::string body = {};
    std::string peer = {}; ///< "127.0.0.1:52114"; "uid 26:4711", with its process, on this machine
    /// Whom the router's gate knew, "token ci"; empty before that, and where nobody was asked.
    std::string caller = {};
    std::string token_id = {}; ///< of the token behind that
    int minor_version = 1;     ///< HTTP/1.x
    /// For a handler that only waits: whether the client is still there (http/departure.hpp). Lives
    /// until the request is answered; none where no connection is behind it.
    const departure* client = nullptr;
    /// What the connection itself proves of the client; as long-lived, and none without one.
    const peer_facts* from = nullptr;

    /// The first value of a header (name in lower case); none when absent.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
    /// The first value of a query parameter.
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
    /// Whether Accept prefers text/html over JSON: what a browser sends. False without an Accept
    /// header.
    [[nodiscard]] bool wants_html() const;
};

} // namespace restpoint::http
