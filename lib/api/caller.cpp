#include "api/caller.hpp"

namespace restpoint::api {
namespace {

bool is_marked(const http::request& asked) {
    for (const auto& [name, value] : asked.headers) {
        if (name.starts_with("sec-fetch-")) {
            return true;
        }
    }
    return false;
}

} // namespace

caller caller_of(const http::request& asked) {
    if (is_marked(asked)) {
        const bool navigates = asked.header("sec-fetch-mode") == "navigate" ||
                               (asked.wants_html() && asked.header("sec-fetch-dest") == "document");
        return navigates ? caller::navigating_browser : caller::program;
    }
    return asked.header("user-agent").value_or("").starts_with("Mozilla/")
               ? caller::unmarked_browser
               : caller::program;
}

std::string address_of(const http::request& asked) {
    std::string address = asked.peer.substr(0, asked.peer.rfind(':'));
    if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
    }
    return address;
}

} // namespace restpoint::api
