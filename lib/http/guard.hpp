// Who may not even ask: DNS rebinding and cross-site requests. Pure.
//
// Host must be an IP literal (rebinding needs a name), "localhost", or in allowed_hosts; over a Unix
// socket it may be anything. Of
// requests that a browser marked (Sec-Fetch-Site) only same-origin and none pass; an Origin that is
// not the Host's own is refused. HEAD and prefetches (Sec-Purpose, Purpose, X-Moz, X-Purpose) pass
// as reads and are marked, so that nothing is ever started by them.
#pragma once

#include "http/request.hpp"

#include <optional>
#include <string>
#include <vector>

namespace restpoint::http {

struct guard_options {
    std::vector<std::string> allowed_hosts = {}; ///< names, without port, any case
};

struct refusal {
    unsigned status =
        403; ///< 400 for a missing or doubled Host, 421 for a foreign one, 403 for cross-site
    std::string code = {}; ///< host_missing | host_not_allowed | cross_site | prefetch | head
    std::string detail = {};
    std::string hint = {};
};

/// Why the request is refused whatever it asks for; none when it may pass. Cross-site requests
/// other than a top-level navigation with GET (a link to a page that only shows something) are
/// refused here.
[[nodiscard]] std::optional<refusal> check_request(
    const request& asked, const guard_options& options);

/// Why this request may not start or change anything (it is cross-site, a prefetch, or HEAD); none
/// when it may. Routes that change something ask this first, whatever their method.
[[nodiscard]] std::optional<refusal> check_change(const request& asked);

/// Whether it looks like a browser's and says nothing of where it comes from: browsers send
/// Sec-Fetch-* only over TLS or to loopback. Such a request is asked again by a button before
/// anything is started.
[[nodiscard]] bool is_unmarked_browser(const request& asked);

} // namespace restpoint::http
