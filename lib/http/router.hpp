// Paths to handlers. Patterns are literal segments and {names}: "/api/v1/jobs/{id}/log".
#pragma once

#include "http/reply.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::http {

/// What the {names} of a pattern matched.
using path_values = std::map<std::string, std::string, std::less<>>;

using route_handler =
    std::function<boost::asio::awaitable<reply>(const request&, const path_values&)>;

/// Who may use a route; each implies those before it.
enum class access {
    open,    ///< everybody, whatever the door says: whether we are alive
    viewer,  ///< looks
    operate, ///< makes and stops backups, which loses nothing
    admin    ///< may lose something: expiry, restores, who may come in
};

[[nodiscard]] std::string_view to_string(access who);

/// A route as gates, documentation and tests see it.
struct route_outline {
    method verb = method::get;
    access who = access::admin;
    std::string pattern = {};
};

/// Whether who asks may use a route in this way: the refusal, or none, and then the caller's name
/// in the request. Handlers of routes are reached through it alone.
using gate = std::function<std::optional<response>(request& asked, const route_outline& route)>;

class router {
  public:
    /// GET routes answer HEAD too.
    void add(method verb, access who, std::string pattern, route_handler handle);

    /// Before this every route is everybody's.
    void guard(gate before) { gate_ = std::move(before); }

    /// 404 where no pattern fits, 405 with Allow where another method would; problem+json or HTML
    /// by Accept. OPTIONS is answered with Allow (204).
    [[nodiscard]] boost::asio::awaitable<reply> dispatch(request& asked) const;

    [[nodiscard]] std::vector<route_outline> routes() const;

  private:
    struct route : route_outline {
        std::vector<std::string> segments;
        route_handler handle;
    };
    std::vector<route> routes_;
    gate gate_ = {};
};

} // namespace restpoint::http
