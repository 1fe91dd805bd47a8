// What a browser gets for a token: a secret of its own for some hours, kept in memory and gone with
// a restart. A session is good for as long as its token is, and may what its token may: it only
// remembers which one that was. Pure: time is handed in.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::auth {

struct sessions_limits {
    std::chrono::seconds lifetime{std::chrono::hours{12}};
    std::size_t most = 1024;
    std::size_t most_of_a_token = 32; ///< so that no token's holder can end everybody else's
};

class sessions {
  public:
    using clock = std::chrono::steady_clock;

    explicit sessions(sessions_limits limits = {}) : limits_(limits) {}

    [[nodiscard]] std::chrono::seconds lifetime() const { return limits_.lifetime; }

    /// The secret of a new session, 128 random bits in hex. The oldest goes where there are too
    /// many.
    [[nodiscard]] std::string begin(std::string token_id, clock::time_point now);

    /// The id of the token that the session was begun with; none for what is no session (any more).
    [[nodiscard]] std::optional<std::string> token_of(
        std::string_view secret, clock::time_point now) const;

    void end(std::string_view secret);

    [[nodiscard]] std::size_t size() const { return open_.size(); }

  private:
    struct session {
        std::string hash; ///< of the secret, so that a search tells nothing of it by its time
        std::string token_id;
        clock::time_point until;
    };
    void make_room(const std::string& token_id, clock::time_point now);

    sessions_limits limits_;
    std::deque<session> open_ = {}; ///< oldest first
};

} // namespace restpoint::auth
