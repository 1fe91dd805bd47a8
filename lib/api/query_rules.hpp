// Which query parameters a route that only reads takes, by its description: one that it does not
// know may be a filter that somebody relies on, mistyped. Pure.
#pragma once

#include "base/result.hpp"
#include "http/request.hpp"
#include "http/router.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::api {

class query_rules {
  public:
    query_rules();

    /// Why a request to this route is not answered: it has a parameter that the route does not
    /// take. Only GET (and HEAD) of the API v1 is judged; the classic pages have always been
    /// lenient, and what changes something says so of its own parameters.
    [[nodiscard]] std::optional<failure> check(
        const http::request& asked, const http::route_outline& route) const;

  private:
    std::map<std::string, std::vector<std::string>, std::less<>> names_ = {}; ///< by pattern
};

} // namespace restpoint::api
