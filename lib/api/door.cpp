#include "api/door.hpp"

#include "api/caller.hpp"
#include "api/problems.hpp"
#include "http/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace restpoint::api {
namespace {

constexpr std::string_view cookie_name = "restpoint_session";

/// No role is less than any.
bool allows(const std::optional<auth::role>& has, http::access needed) {
    switch (needed) {
    case http::access::open:
        return true;
    case http::access::viewer:
        return has >= auth::role::viewer;
    case http::access::operate:
        return has >= auth::role::operate;
    case http::access::admin:
        break;
    }
    return has >= auth::role::admin;
}

/// The token of `Authorization: Bearer TOKEN` (RFC 6750); none for other schemes, which are a
/// proxy's business. Two such headers hold no token.
std::optional<std::string_view> bearer_of(const http::request& asked) {
    std::optional<std::string_view> token;
    for (const auto& [name, value] : asked.headers) {
        if (name != "authorization") {
            continue;
        }
        auto rest = http::trim(value);
        if (!http::equals_ignoring_case(http::cut_at(rest, ' '), "bearer")) {
            continue;
        }
        token = token ? std::string_view() : http::trim(rest);
    }
    return token;
}

/// The secret of the session in the Cookie headers (RFC 6265, 4.2.1); none without one.
std::optional<std::string_view> session_cookie(const http::request& asked) {
    for (const auto& [name, value] : asked.headers) {
        std::string_view rest = name == "cookie" ? std::string_view(value) : "";
        while (!rest.empty()) {
            auto pair = http::trim(http::cut_at(rest, ';'));
            if (http::cut_at(pair, '=') == cookie_name) {
                return pair;
            }
        }
    }
    return std::nullopt;
}

/// Whether the browser sees us over TLS, ours or a proxy's: then the cookie is for TLS alone. The
/// guard has seen to it that Origin is ours.
bool comes_by_tls(const http::request& asked) {
    const bool ours = asked.from != nullptr && asked.from->encrypted;
    return ours || asked.header("origin").value_or("").starts_with("https://");
}

std::string set_cookie(
    const http::request& asked, std::string_view secret, std::chrono::seconds age) {
    return fmt::format(
        "{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", cookie_name, secret, age.count(),
        comes_by_tls(asked) ? "; Secure" : "");
}

http::problem unauthorized(
    std::string code, std::string detail, std::string hint, std::string_view error = "") {
    http::problem why;
    why.status = 401;
    why.code = std::move(code);
    why.title = title_of(why.status);
    why.detail = std::move(detail);
    why.hint = std::move(hint);
    why.headers.emplace_back(
        "WWW-Authenticate", fmt::format(
                                "Bearer realm=\"restpoint\"{}",
                                error.empty() ? "" : fmt::format(", error=\"{}\"", error)));
    return why;
}

http::problem missing(http::access needed) {
    return unauthorized(
        "token_missing",
        fmt::format("this takes a token with the role {} or more", to_string(needed)),
        "send 'Authorization: Bearer TOKEN', or log in at /login; 'restpoint token create' makes "
        "one");
}

/// Whether a proxy says that it hands on what somebody else has asked for (RFC 7239; RFC 9110,
/// 7.6.3; the names that proxies used before).
bool comes_by_proxy(const http::request& asked) {
    constexpr std::array<std::string_view, 6> marks = {"forwarded",        "x-forwarded-for",
                                                       "x-forwarded-host", "x-forwarded-proto",
                                                       "x-real-ip",        "via"};
    return std::ranges::any_of(asked.headers, [&marks](const auto& header) {
        return std::ranges::find(marks, header.first) != marks.end();
    });
}

http::problem missing_behind_proxy(http::access needed) {
    return unauthorized(
        "token_missing_behind_proxy",
        fmt::format(
            "this takes a token with the role {} or more: the request came through a proxy, and "
            "only who is on this machine needs none",
            to_string(needed)),
        "send 'Authorization: Bearer TOKEN', or log in at /login; auth.anonymous says what those "
        "without a token may do, whatever they come through");
}

http::problem expired() {
    return unauthorized(
        "token_expired", "the token has expired", "make a new one with 'restpoint token create'",
        "invalid_token");
}

http::problem forbidden(std::string code, std::string detail, std::string hint) {
    http::problem why;
    why.status = 403;
    why.code = std::move(code);
    why.title = title_of(why.status);
    why.detail = std::move(detail);
    why.hint = std::move(hint);
    return why;
}

/// `who` as in "the token 'ci'".
std::optional<http::problem> judge(std::string_view who, auth::role role, http::access needed) {
    if (allows(role, needed)) {
        return std::nullopt;
    }
    return forbidden(
        "role_too_low",
        fmt::format(
            "{} has the role {}, and this takes {}", who, to_string(role), to_string(needed)),
        "use a token with that role");
}

} // namespace

moment current_moment() {
    return {std::chrono::system_clock::now(), std::chrono::steady_clock::now()};
}

door::door(door_options how)
    : how_(std::move(how)), failures_(how_.failures), sessions_(how_.sessions) {}

std::optional<http::problem> door::refuse(
    http::request& asked, http::access needed, const moment& now) {
    if (how_.mode == door_mode::everyone || allows(std::nullopt, needed)) {
        return std::nullopt;
    }
    const auth::token_record* token = nullptr;
    if (const auto shown = bearer_of(asked)) {
        token = tokens_.find(*shown);
        if (token == nullptr) {
            return wrong_token(asked, now);
        }
        if (token->is_expired(now.wall)) {
            return expired();
        }
    } else {
        token = session_of(asked, now);
    }
    if (token != nullptr) {
        asked.caller = "token " + token->name;
        asked.token_id = token->id;
        return judge(fmt::format("the token '{}'", token->name), token->role, needed);
    }
    return judge_connection(asked, needed, now);
}

/// Of a request that shows nothing of its own.
std::optional<http::problem> door::judge_connection(
    http::request& asked, http::access needed, const moment& now) const {
    const auto* const from = asked.from;
    if (from != nullptr && from->user && comes_by_proxy(asked)) {
        return missing_behind_proxy(needed); // the proxy's user is not who asks
    }
    if (from != nullptr) {
        if (auto who = recognise(*from, how_.certificates, how_.own, now.wall)) {
            asked.caller = std::move(who->caller);
            return judge(who->shown, who->role, needed);
        }
        if (from->user) {
            return forbidden(
                "user_not_known",
                fmt::format("the user {} of this machine has no role here", *from->user),
                fmt::format(
                    "do this as root{}, or send a token", how_.own ? " or " + how_.own->name : ""));
        }
    }
    if (!allows(how_.anonymous, needed)) {
        auto why = missing(needed);
        if (from != nullptr && !from->certificate.empty()) {
            why.detail += fmt::format(
                "; the certificate of '{}' has no role", from->certificate.front().value);
            why.hint += "; auth.certificates gives one to a certificate";
        }
        return why;
    }
    if (how_.anonymous_for == anonymous_who::direct && comes_by_proxy(asked)) {
        return missing_behind_proxy(needed);
    }
    return std::nullopt;
}

bool door::is_good(std::string_view token_id, wall_time now) const {
    const auto* const token = tokens_.with_id(token_id);
    return token != nullptr && !token->is_expired(now);
}

boost::system::result<door::entry, http::problem> door::log_in(
    std::string_view token, const http::request& asked, const moment& now) {
    const auto* const known = tokens_.find(http::trim(token));
    if (known == nullptr) {
        return wrong_token(asked, now);
    }
    if (known->is_expired(now.wall)) {
        return expired();
    }
    const auto secret = sessions_.begin(known->id, now.steady);
    return entry{"token " + known->name, set_cookie(asked, secret, sessions_.lifetime())};
}

std::string door::log_out(const http::request& asked) {
    if (const auto secret = session_cookie(asked)) {
        sessions_.end(*secret);
    }
    return set_cookie(asked, "", std::chrono::seconds{0});
}

const auth::token_record* door::session_of(const http::request& asked, const moment& now) const {
    const auto secret = session_cookie(asked);
    const auto id = secret ? sessions_.token_of(*secret, now.steady) : std::nullopt;
    const auto* const token = id ? tokens_.with_id(*id) : nullptr;
    return token != nullptr && !token->is_expired(now.wall) ? token : nullptr;
}

http::problem door::wrong_token(const http::request& asked, const moment& now) {
    const auto wait = failures_.fail(address_of(asked), now.steady);
    if (!wait) {
        return unauthorized(
            "token_invalid", "the token is not one of those that are good here",
            "it may have been revoked: 'restpoint token list' shows which there are",
            "invalid_token");
    }
    http::problem why;
    why.status = 429;
    why.code = "too_many_failures";
    why.title = title_of(why.status);
    why.detail = "too many wrong tokens came from this address";
    why.hint = fmt::format("wait {} s; a good token is taken at any time", wait->count());
    why.headers.emplace_back("Retry-After", std::to_string(wait->count()));
    return why;
}

} // namespace restpoint::api
