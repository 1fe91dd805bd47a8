// Who asks: a program that takes the answer as it comes, or a browser, in which a page that is
// reloaded, restored or slipped in by somebody else must start nothing. Pure.
#pragma once

#include "http/request.hpp"

#include <string>

namespace restpoint::api {

enum class caller {
    program,            ///< curl, a script, a page's own request: gets the stream
    navigating_browser, ///< says by Sec-Fetch-* that it opens a page: is sent to the job's page
    unmarked_browser    ///< a browser without Sec-Fetch-* (no TLS, not loopback): has to press a
                        ///< button
};

[[nodiscard]] caller caller_of(const http::request& asked);

/// The peer's address without its port: "127.0.0.1", "::1".
[[nodiscard]] std::string address_of(const http::request& asked);

} // namespace restpoint::api
