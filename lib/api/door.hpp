// Who somebody is, and whether he may do what he asks for. Pure: requests and clocks in, a refusal
// or nothing out. Tokens come in `Authorization: Bearer` or as a session's cookie, and never from a
// query, which ends in logs and histories.
//
//     what is shown                    may         may not
//     a good token, or its session     let in      403 role_too_low
//     a token that has expired                     401 token_expired
//     a token that is none of ours                 401 token_invalid, after some of them 429
//     a certificate that has a role    let in      403 role_too_low
//     the user behind a Unix socket    let in      403 role_too_low, or user_not_known
//     nothing (or a dead session)      let in      401 token_missing
//     nothing, through a proxy                     401 token_missing_behind_proxy
//
// What is shown in the request counts before what the connection tells.
// A wrong token is refused even where nobody needs one: who shows it believes to be somebody.
#pragma once

#include "api/known_peer.hpp"
#include "auth/failed_logins.hpp"
#include "auth/sessions.hpp"
#include "auth/token_table.hpp"
#include "base/time_text.hpp"
#include "http/reply.hpp"
#include "http/request.hpp"
#include "http/router.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::api {

enum class door_mode {
    tokens,  ///< asks for tokens
    everyone ///< auth.mode = "none": asks nobody
};

enum class anonymous_who {
    anybody, ///< the operator said so
    direct   ///< who comes through no proxy: behind one, every address is the proxy's
};

struct door_options {
    door_mode mode = door_mode::tokens;
    std::optional<auth::role> anonymous = {}; ///< of callers without a token; none: nobody
    anonymous_who anonymous_for = anonymous_who::anybody;
    auth::failed_logins_limits failures = {};
    auth::sessions_limits sessions = {};
    std::vector<certificate_rule> certificates = {};
    std::optional<own_account> own = {}; ///< none: our own user is a stranger
};

/// The two clocks at one moment.
struct moment {
    wall_time wall = {};
    std::chrono::steady_clock::time_point steady = {};
};
[[nodiscard]] moment current_moment();

class door {
  public:
    explicit door(door_options how = {});

    [[nodiscard]] door_mode mode() const { return how_.mode; }
    [[nodiscard]] std::optional<auth::role> anonymous() const { return how_.anonymous; }

    /// From now on these are the good tokens; sessions of others are dead.
    void use(auth::token_table tokens) { tokens_ = std::move(tokens); }
    [[nodiscard]] const auth::token_table& tokens() const { return tokens_; }

    /// Why the request may not use a route for `needed`; none when it may, and then its caller and
    /// its token are set where a token or the connection told who it is.
    [[nodiscard]] std::optional<http::problem> refuse(
        http::request& asked, http::access needed, const moment& now);

    /// Whether the token with this id is there and has not expired.
    [[nodiscard]] bool is_good(std::string_view token_id, wall_time now) const;

    struct entry {
        std::string caller = {}; ///< "token ci"
        std::string cookie = {}; ///< the value of Set-Cookie
    };
    /// Trades a token for a session. `asked` is the request that brought it.
    [[nodiscard]] boost::system::result<entry, http::problem> log_in(
        std::string_view token, const http::request& asked, const moment& now);

    /// Ends the session of the request, if it has one; gives the Set-Cookie that says so.
    [[nodiscard]] std::string log_out(const http::request& asked);

    /// The token behind the session of the request; null without one.
    [[nodiscard]] const auth::token_record* session_of(
        const http::request& asked, const moment& now) const;

  private:
    [[nodiscard]] std::optional<http::problem> judge_connection(
        http::request& asked, http::access needed, const moment& now) const;
    [[nodiscard]] http::problem wrong_token(const http::request& asked, const moment& now);

    door_options how_;
    auth::token_table tokens_ = {};
    auth::failed_logins failures_;
    auth::sessions sessions_;
};

} // namespace restpoint::api
