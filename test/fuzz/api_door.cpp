// Authorization and Cookie: who somebody is, from headers that anybody may write. An input is a line
// with the access that is needed, then one header a line; "@T" and "@S" stand for a good token and
// for the secret of a good session.
#include "api/door.hpp"
#include "auth/secrets.hpp"
#include "auth/token.hpp"
#include "http/reply.hpp"
#include "support/fuzz.hpp"

#include <boost/json/parse.hpp>

#include <array>
#include <string>

namespace api = restpoint::api;
namespace auth = restpoint::auth;
namespace http = restpoint::http;

namespace {

std::string token_of(unsigned char n) {
    auth::token_bits bits;
    bits.id[0] = n;
    bits.secret[0] = n;
    return auth::make_token(bits);
}

const std::string viewer = token_of(1);
const std::string expired = token_of(2);

const api::moment now{
    restpoint::wall_time{std::chrono::hours{24 * 20'000}},
    std::chrono::steady_clock::time_point{std::chrono::hours{1}}};

auth::token_table tokens() {
    auth::token_table made;
    for (const auto& token : {viewer, expired}) {
        auth::token_record one;
        one.id = std::string(*auth::id_of(token));
        one.name = "t" + one.id;
        one.role = token == viewer ? auth::role::viewer : auth::role::admin;
        if (token == expired) {
            one.expires = now.wall - std::chrono::seconds{1};
        }
        one.hash = auth::sha256_hex(token);
        demand(made.add(std::move(one)).has_value(), "the tokens are good ones");
    }
    return made;
}

std::string with(std::string text, std::string_view mark, std::string_view instead) {
    for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at + instead.size())) {
        text.replace(at, mark.size(), instead);
    }
    return text;
}

bool appears_in(const http::request& asked, std::string_view text) {
    return std::ranges::any_of(asked.headers, [text](const auto& header) {
        return header.second.find(text) != header.second.npos;
    });
}

void check_refusal(const http::problem& why, const http::request& asked) {
    demand(why.status == 401 || why.status == 403 || why.status == 429, "a refusal has a status");
    demand(!why.code.empty() && !why.detail.empty() && !why.hint.empty(), "a refusal says why");
    demand(
        why.code != "role_too_low" || why.status == 403, "a known caller is not asked who he is");
    const auto answer = http::to_response(why, asked);
    demand(is_utf8(answer.body), "an answer is UTF-8");
    for (const auto& secret : {viewer, expired, auth::sha256_hex(viewer)}) {
        demand(answer.body.find(secret) == answer.body.npos, "no answer tells a secret");
    }
}

} // namespace

void probe(std::string_view input) {
    api::door door({.failures = {.at_once = 3}});
    door.use(tokens());
    const auto entered = door.log_in(viewer, {}, now);
    demand(entered.has_value(), "a good token begins a session");
    const auto& cookie_set = entered->cookie;
    const auto begin = cookie_set.find('=') + 1;
    const auto secret = cookie_set.substr(begin, cookie_set.find(';') - begin);

    dispenser from(input);
    constexpr std::array accesses{
        http::access::open, http::access::viewer, http::access::operate, http::access::admin};
    const auto needed = accesses.at(from.line().size() % accesses.size());
    http::request asked;
    asked.peer = "192.0.2.1:4711";
    while (!from.empty()) {
        const auto line = from.line();
        const auto colon = std::min(line.find(':'), line.size());
        const std::string value(line.substr(std::min(colon + 1, line.size())));
        asked.headers.emplace_back(
            lower(line.substr(0, colon)), with(with(value, "@T", viewer), "@S", secret));
    }
    const bool shows_token = appears_in(asked, viewer);
    const bool shows_session = appears_in(asked, secret);

    auto first = asked;
    const auto refused = door.refuse(first, needed, now);
    auto second = asked;
    const auto again = door.refuse(second, needed, now);

    demand(refused.has_value() == again.has_value(), "the same request is judged the same");
    if (refused) {
        check_refusal(*refused, first);
        demand(needed != http::access::open, "what is open refuses nobody");
    } else if (needed != http::access::open) {
        demand(shows_token || shows_session, "nobody comes in without a secret");
        demand(needed == http::access::viewer, "a viewer may look and nothing else");
        demand(first.token_id == *auth::id_of(viewer), "it is known who came in");
    }
    demand(first.token_id.empty() || shows_token || shows_session, "nobody is taken for another");

    // Whatever was shown, the end of the token is the end of its session, and so is a logout.
    const auto cookie = door.log_out(asked);
    demand(!has_control(cookie), "a cookie is one line");
    door.use({});
    auto later = asked;
    const auto then = door.refuse(later, http::access::viewer, now);
    demand(then.has_value(), "a revoked token opens nothing");
    demand(later.token_id.empty(), "nobody is known any more");

    const auto entry = door.log_in(std::string(input), asked, now);
    demand(!entry, "no text is a token where there are none");
}
