// One question to the service and its answer.
#pragma once

#include "base/result.hpp"
#include "client/address.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace restpoint::client {

/// Where the service is and who asks.
struct door {
    address where = {};
    std::string token = {};
};

struct answer {
    unsigned status = 0;
    std::string body = {};

    [[nodiscard]] bool good() const { return status >= 200 && status < 300; }
};

/// Asks and waits. Where `sink` is given it takes the body of a good answer as it comes, and `body`
/// stays empty. Fails with `unavailable` or `io` when there is no whole answer.
[[nodiscard]] result<answer> exchange(
    const door& to, const http_request& what,
    const std::function<void(std::string_view)>& sink = {});

} // namespace restpoint::client
