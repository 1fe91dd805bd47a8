// The API described for programs: OpenAPI 3.1, made from the routes there are. Pure.
#pragma once

#include "http/router.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::api {

/// What is said of one route beyond what the route itself says.
struct described_route {
    http::method verb = http::method::get;
    std::string_view pattern = {};
    std::string_view id = {}; ///< operationId: what generated clients call it
    std::string_view tag = {};
    std::string_view summary = {};
    std::string_view parameters = {}; ///< names in components.parameters, with blanks between
    std::string_view body = {};       ///< of a schema; empty: none is read
    unsigned status = 200;
    std::string_view answer = {}; ///< a schema, or the media type of what is no JSON
};

/// Every route of the API, in the order of the document.
[[nodiscard]] std::span<const described_route> described_routes();

/// The names of its parameters that stand in the query.
[[nodiscard]] std::vector<std::string> query_parameters_of(const described_route& what);

/// Whether the document speaks of this route: the API and what watches the service, not the pages.
[[nodiscard]] bool belongs_to_api(std::string_view pattern);

/// The document (OpenAPI 3.1.0). Throws std::logic_error when a route of the API is not described:
/// a defect that every test of the API meets.
[[nodiscard]] std::string openapi_document(
    std::span<const http::route_outline> routes, std::string_view version);

/// components.schemas, a JSON object.
[[nodiscard]] std::string_view openapi_schemas();

} // namespace restpoint::api
