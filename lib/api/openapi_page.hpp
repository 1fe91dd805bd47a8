// The API described for people: what openapi_document() says, as a page that needs nothing else.
// Pure.
#pragma once

#include "http/router.hpp"

#include <span>
#include <string>

namespace restpoint::api {

/// The content of the page, HTML.
[[nodiscard]] std::string openapi_page(std::span<const http::route_outline> routes);

} // namespace restpoint::api
