// One question to the service and its answer.
#pragma once

#include "base/result.hpp"
#include "client/address.hpp"

#include <chrono>
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
    bool asked_twice = false; ///< the first answer was lost: this one may tell of what that one did

    [[nodiscard]] bool good() const { return status >= 200 && status < 300; }
};

/// How long the other side may take.
struct patience {
    std::chrono::milliseconds to_connect{10000};
    /// `pgbackrest info` over an object store takes its time.
    std::chrono::milliseconds to_answer{120000};
};

/// Asks and waits. Where `sink` is given it takes the body of a good answer as it comes, and `body`
/// stays empty. Fails with `unavailable` or `io` when there is no whole answer.
[[nodiscard]] result<answer> exchange(
    const door& to, const http_request& what,
    const std::function<void(std::string_view)>& sink = {}, patience how_long = {});

/// The same for what changes something. It goes under a key of its own; where the connection is
/// lost before the answer is there, it is sent once more under that key, so that it is carried out
/// once at the most. A failure says when it is unknown whether it was.
[[nodiscard]] result<answer> post(const door& to, http_request what);

} // namespace restpoint::client
