#include "api/caller.hpp"

#include "http/guard.hpp"

namespace restpoint::api {

caller caller_of(const http::request& asked) {
    const auto agent = asked.header("user-agent").value_or("");
    // Java's own client accepts text/html first, and people's scripts are written in it.
    if (http::is_unmarked_browser(asked) && !agent.starts_with("Java/")) {
        return caller::unmarked_browser;
    }
    const bool navigates = asked.header("sec-fetch-mode") == "navigate" ||
                           (asked.wants_html() && asked.header("sec-fetch-dest") == "document");
    return navigates ? caller::navigating_browser : caller::program;
}

std::string address_of(const http::request& asked) {
    std::string address = asked.peer.substr(0, asked.peer.rfind(':'));
    if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
    }
    return address;
}

} // namespace restpoint::api
