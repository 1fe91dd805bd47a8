// Who shows wrong tokens again and again is told to wait. Guessing 160 random bits is hopeless at
// any speed: what this bounds is noise, so a good token is never made to wait, not even behind the
// proxy of somebody whose script has an old one. Pure: time is handed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::auth {

struct failed_logins_limits {
    std::int64_t at_once = 10;         ///< failures before the first wait
    std::chrono::seconds one_per{6};   ///< after which one more is allowed
    std::size_t most_addresses = 4096; ///< remembered at a time
};

class failed_logins {
  public:
    using clock = std::chrono::steady_clock;

    explicit failed_logins(failed_logins_limits limits = {}) : limits_(limits) {}

    /// Notes a failure from `address`, an IP address without a port. How long it is to wait; none
    /// when it need not. Failures while it waits do not make the wait longer. When too many
    /// addresses are to be remembered, the one that is nearest to being forgotten goes.
    [[nodiscard]] std::optional<std::chrono::seconds> fail(
        std::string_view address, clock::time_point now);

    /// How many addresses are remembered.
    [[nodiscard]] std::size_t size() const { return settled_at_.size(); }

  private:
    void make_room(clock::time_point now);

    failed_logins_limits limits_;
    /// When an address has made up for all its failures, one at a time.
    std::map<std::string, clock::time_point, std::less<>> settled_at_ = {};
};

/// What counts as one caller: an IPv4 address, the first 64 bits of an IPv6 address (one machine
/// has all the others), and any other text as it stands.
[[nodiscard]] std::string caller_network(std::string_view address);

} // namespace restpoint::auth
