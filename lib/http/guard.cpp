#include "http/guard.hpp"

#include "http/ascii.hpp"
#include "http/peer_facts.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace restpoint::http {
namespace {

struct authority {
    std::string host = {}; ///< lower case, without brackets
    std::string port = {};
    bool bracketed = false;
};

bool is_port(std::string_view text) {
    return text.size() <= 5 && text.find_first_not_of("0123456789") == text.npos;
}

bool is_address(int family, const std::string& text) {
    std::array<unsigned char, 16> address = {};
    // inet_pton() would read up to a NUL and not see what stands behind it.
    return text.find('\0') == text.npos && ::inet_pton(family, text.c_str(), address.data()) == 1;
}

/// "name:5000", "127.0.0.1", "[::1]:5000".
std::optional<authority> parse_authority(std::string_view text) {
    authority parsed;
    parsed.bracketed = text.starts_with('[');
    const auto end = parsed.bracketed ? text.find(']') : std::min(text.find(':'), text.size());
    if (end == text.npos) {
        return std::nullopt;
    }
    parsed.host = lower(text.substr(parsed.bracketed ? 1 : 0, end - (parsed.bracketed ? 1 : 0)));
    auto rest = text.substr(parsed.bracketed ? end + 1 : end);
    if (!rest.empty()) {
        if (rest.front() != ':' || !is_port(rest.substr(1))) {
            return std::nullopt;
        }
        parsed.port = rest.substr(1);
    }
    if (parsed.bracketed) {
        return is_address(AF_INET6, parsed.host) ? std::optional(parsed) : std::nullopt;
    }
    if (parsed.host.ends_with('.')) {
        parsed.host.pop_back(); // the root of the DNS: the same name
    }
    if (parsed.host.empty() || parsed.host.find_first_of(" \t/?#@,") != std::string::npos) {
        return std::nullopt;
    }
    return parsed;
}

bool is_allowed(const authority& host, const guard_options& options) {
    const auto is_this = [&host](const std::string& name) {
        return equals_ignoring_case(name, host.host);
    };
    return host.bracketed || is_address(AF_INET, host.host) || host.host == "localhost" ||
           std::any_of(options.allowed_hosts.begin(), options.allowed_hosts.end(), is_this);
}

std::size_t count(const request& asked, std::string_view name) {
    return static_cast<std::size_t>(
        std::count_if(asked.headers.begin(), asked.headers.end(), [name](const auto& header) {
            return header.first == name;
        }));
}

std::optional<refusal> check_host(const request& asked, const guard_options& options) {
    const auto hosts = count(asked, "host");
    if (hosts == 0 && asked.minor_version == 0) {
        return std::nullopt; // no browser speaks HTTP/1.0
    }
    if (hosts != 1) {
        return refusal{
            400, "host_missing",
            hosts == 0 ? "the request has no Host header" : "the request has several Host headers",
            "send exactly one Host header"};
    }
    const auto text = *asked.header("host");
    const auto host = parse_authority(text);
    if (!host) {
        return refusal{
            400, "host_not_allowed", "the Host header is not a host: '" + std::string(text) + "'",
            "send the host and port of the address in the browser"};
    }
    // No web page reaches a Unix socket, whatever name it has.
    const bool local = asked.from != nullptr && asked.from->user;
    if (!local && !is_allowed(*host, options)) {
        return refusal{
            421, "host_not_allowed", "the host '" + host->host + "' is not served here",
            "use the IP address, or add the name to server.allowed_hosts"};
    }
    return std::nullopt;
}

/// Port 80 of http and 443 of https go without saying.
void drop_default_port(authority& where, std::string_view scheme) {
    if (where.port == (scheme == "https" ? "443" : "80")) {
        where.port.clear();
    }
}

/// Whether an Origin is the place that the request was sent to. The scheme is not compared: a proxy
/// that ends TLS hides it.
bool is_own_origin(std::string_view origin, const request& asked) {
    const auto scheme_end = origin.find("://");
    const auto sent_to = asked.header("host");
    if (scheme_end == origin.npos || !sent_to) {
        return false;
    }
    const auto scheme = lower(origin.substr(0, scheme_end));
    auto from = parse_authority(origin.substr(scheme_end + 3));
    auto own = parse_authority(*sent_to);
    if (!from || !own || (scheme != "http" && scheme != "https")) {
        return false;
    }
    drop_default_port(*from, scheme);
    drop_default_port(*own, scheme);
    return from->host == own->host && from->port == own->port;
}

/// Where the browser says, or the Origin shows, that another site's page is behind the request.
bool is_cross_site(const request& asked) {
    return std::any_of(asked.headers.begin(), asked.headers.end(), [&asked](const auto& header) {
        const auto& [name, value] = header;
        if (name == "sec-fetch-site") {
            return value != "same-origin" && value != "none";
        }
        return name == "origin" && !is_own_origin(value, asked);
    });
}

/// A link on another page that somebody followed: the address bar changes, the page cannot read
/// the answer. Frames and embedded objects navigate too, and are not meant.
bool is_followed_link(const request& asked) {
    return asked.verb == method::get && asked.header("sec-fetch-mode") == "navigate" &&
           asked.header("sec-fetch-dest") == "document";
}

bool is_prefetch(const request& asked) {
    constexpr std::array<std::string_view, 4> marks = {
        "sec-purpose", "purpose", "x-moz", "x-purpose"};
    return std::any_of(asked.headers.begin(), asked.headers.end(), [&marks](const auto& header) {
        if (std::find(marks.begin(), marks.end(), header.first) == marks.end()) {
            return false;
        }
        const auto value = lower(header.second);
        return value.find("prefetch") != value.npos || value.find("preview") != value.npos ||
               value.find("prerender") != value.npos;
    });
}

refusal cross_site() {
    return {
        403, "cross_site", "the request was sent by a page of another site",
        "open the page here and use its own buttons"};
}

} // namespace

std::optional<refusal> check_request(const request& asked, const guard_options& options) {
    if (auto refused = check_host(asked, options)) {
        return refused;
    }
    if (is_cross_site(asked) && !is_followed_link(asked)) {
        return cross_site();
    }
    return std::nullopt;
}

std::optional<refusal> check_change(const request& asked) {
    if (is_cross_site(asked)) {
        return cross_site();
    }
    if (is_prefetch(asked)) {
        return refusal{
            403, "prefetch", "a prefetch starts nothing", "open the page to start what it does"};
    }
    if (asked.verb == method::head) {
        return refusal{403, "head", "HEAD starts nothing", "use GET or POST"};
    }
    return std::nullopt;
}

bool is_unmarked_browser(const request& asked) {
    if (asked.header("sec-fetch-site")) {
        return false;
    }
    const auto agent = asked.header("user-agent");
    return asked.wants_html() || (agent && agent->starts_with("Mozilla/"));
}

} // namespace restpoint::http
