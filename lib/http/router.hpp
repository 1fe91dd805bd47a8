// Paths to handlers. Patterns are literal segments and {names}: "/api/v1/jobs/{id}/log".
#pragma once

#include "http/reply.hpp"

#include <map>
#include <string>
#include <vector>

namespace restpoint::http {

/// What the {names} of a pattern matched.
using path_values = std::map<std::string, std::string, std::less<>>;

using route_handler =
    std::function<boost::asio::awaitable<reply>(const request&, const path_values&)>;

class router {
  public:
    /// GET routes answer HEAD too.
    void add(method verb, std::string pattern, route_handler handle);

    /// 404 where no pattern fits, 405 with Allow where another method would; problem+json or HTML
    /// by Accept. OPTIONS is answered with Allow (204).
    [[nodiscard]] boost::asio::awaitable<reply> dispatch(const request& asked) const;

    /// The patterns and their methods, for documentation and tests.
    [[nodiscard]] std::vector<std::pair<method, std::string>> routes() const;

  private:
    struct route {
        method verb;
        std::string pattern;
        std::vector<std::string> segments;
        route_handler handle;
    };
    std::vector<route> routes_;
};

} // namespace restpoint::http
