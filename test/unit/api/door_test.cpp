#include "api/door.hpp"
#include "auth/secrets.hpp"
#include "auth/token.hpp"
#include "http/peer_facts.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

#include <algorithm>

namespace restpoint::api {
namespace {

using namespace std::chrono_literals;
using auth::role;
using http::access;

const moment now{morning(), std::chrono::steady_clock::time_point{1h}};

moment later(std::chrono::seconds by) {
    return {now.wall + by, now.steady + by};
}

std::string token_of(unsigned char n) {
    auth::token_bits bits;
    bits.id[0] = n;
    return auth::make_token(bits);
}

auth::token_record record(
    unsigned char n, std::string name, role what, std::optional<wall_time> expires = {}) {
    return {std::string(*auth::id_of(token_of(n))), std::move(name), what, morning(), expires,
            auth::sha256_hex(token_of(n))};
}

const std::string viewer = token_of(1);
const std::string operator_ = token_of(2);
const std::string admin = token_of(3);
const std::string brief = token_of(4);
const std::string unknown = token_of(9);

auth::token_table table() {
    auth::token_table made;
    made.add(record(1, "eyes", role::viewer)).value();
    made.add(record(2, "ci", role::operate)).value();
    made.add(record(3, "root", role::admin)).value();
    made.add(record(4, "brief", role::admin, morning() + 1h)).value();
    return made;
}

door make(door_options how = {}) {
    door made(how);
    made.use(table());
    return made;
}

http::request with(const std::string& token) {
    return get("/", {{"authorization", "Bearer " + token}});
}

/// "let in" or the code of the refusal.
std::string outcome(door& at, http::request asked, access needed, const moment& when = now) {
    const auto why = at.refuse(asked, needed, when);
    return why ? why->code : "let in";
}

std::string header_of(const http::problem& why, std::string_view name) {
    const auto found =
        std::ranges::find(why.headers, name, [](const auto& header) { return header.first; });
    return found == why.headers.end() ? "none" : found->second;
}

/// The request of a browser that was given this Set-Cookie.
http::request with_cookie(const std::string& set_cookie) {
    return get("/", {{"cookie", "a=b; " + set_cookie.substr(0, set_cookie.find(';'))}});
}

} // namespace

TEST_CASE("a certificate that has a role lets in, and says who it is", "[unit][api]") {
    door_options how;
    how.certificates = {{{"CN", "ci"}, role::operate}, {{"DNS", "ops.example"}, role::admin}};
    auto at = make(how);
    http::peer_facts from;
    from.certificate = {{"CN", "ci"}, {"DNS", "ops.example"}};
    from.certificate_ends = now.wall + 1h;
    auto asked = get("/");
    asked.from = &from;

    CHECK(outcome(at, asked, access::operate) == "let in");
    CHECK(outcome(at, asked, access::admin) == "role_too_low"); // the first entry counts
    CHECK(outcome(at, asked, access::operate, later(1h)) == "token_missing");
    const auto low = at.refuse(asked, access::admin, now);
    CHECK(asked.caller == "certificate ci");
    CHECK(asked.token_id.empty());
    CHECK(low->detail == "the certificate 'ci' has the role operator, and this takes admin");

    from.certificate = {{"DNS", "ops.example"}};
    CHECK(outcome(at, asked, access::admin) == "let in");
    from.certificate = {{"CN", "ops.example"}}; // another kind of name
    const auto none = at.refuse(asked, access::viewer, now);
    CHECK(none->code == "token_missing");
    CHECK(none->detail.find("the certificate of 'ops.example' has no role") != none->detail.npos);
    from.certificate = {};
    CHECK(at.refuse(asked, access::viewer, now)->detail.find("certificate") == std::string::npos);
}

TEST_CASE("a token counts before the connection", "[unit][api]") {
    door_options how;
    how.certificates = {{{"CN", "ci"}, role::admin}};
    auto at = make(how);
    http::peer_facts from;
    from.certificate = {{"CN", "ci"}};
    from.certificate_ends = now.wall + 1h;
    auto asked = with(viewer);
    asked.from = &from;

    CHECK(outcome(at, asked, access::admin) == "role_too_low");
    asked = with(unknown);
    asked.from = &from;
    CHECK(outcome(at, asked, access::viewer) == "token_invalid");
}

TEST_CASE("over a Unix socket the user decides, and a token", "[unit][api]") {
    door_options how;
    how.anonymous = role::admin;
    how.own = own_account{26, "postgres"};
    auto at = make(how);
    http::peer_facts from;
    auto asked = get("/");
    asked.from = &from;

    from.user = 0;
    CHECK(outcome(at, asked, access::admin) == "let in");
    from.user = 26;
    CHECK(outcome(at, asked, access::operate) == "let in");
    CHECK(outcome(at, asked, access::admin) == "role_too_low");
    CHECK(at.refuse(asked, access::operate, now) == std::nullopt);
    CHECK(asked.caller == "user postgres");

    from.user = 1000; // however much the anonymous may
    const auto stranger = at.refuse(asked, access::viewer, now);
    REQUIRE(stranger);
    CHECK(stranger->status == 403);
    CHECK(stranger->code == "user_not_known");
    CHECK(stranger->hint == "do this as root or postgres, or send a token");
    CHECK(outcome(at, asked, access::open) == "let in");
    auto shows = with(admin);
    shows.from = &from;
    CHECK(outcome(at, shows, access::admin) == "let in");

    auto without = make();
    CHECK(without.refuse(asked, access::viewer, now)->hint == "do this as root, or send a token");

    from.user = 0; // a proxy's, and behind it is anybody
    auto handed_on = get("/", {{"x-forwarded-for", "192.0.2.1"}});
    handed_on.from = &from;
    CHECK(outcome(at, handed_on, access::viewer) == "token_missing_behind_proxy");
}

TEST_CASE("a role may what the roles below it may, and no more", "[unit][api]") {
    auto at = make();

    CHECK(outcome(at, with(viewer), access::viewer) == "let in");
    CHECK(outcome(at, with(viewer), access::operate) == "role_too_low");
    CHECK(outcome(at, with(viewer), access::admin) == "role_too_low");
    CHECK(outcome(at, with(operator_), access::viewer) == "let in");
    CHECK(outcome(at, with(operator_), access::operate) == "let in");
    CHECK(outcome(at, with(operator_), access::admin) == "role_too_low");
    CHECK(outcome(at, with(admin), access::viewer) == "let in");
    CHECK(outcome(at, with(admin), access::operate) == "let in");
    CHECK(outcome(at, with(admin), access::admin) == "let in");
}

TEST_CASE("what is open is open to all", "[unit][api]") {
    auto at = make();

    CHECK(outcome(at, get("/"), access::open) == "let in");
    CHECK(outcome(at, with(unknown), access::open) == "let in");
}

TEST_CASE("the caller is known by the name of the token", "[unit][api]") {
    auto at = make();
    auto asked = with(operator_);

    CHECK_FALSE(at.refuse(asked, access::viewer, now));
    CHECK(asked.caller == "token ci");
    CHECK(at.is_good(asked.token_id, now.wall));
    CHECK_FALSE(at.is_good("", now.wall));
    CHECK(
        at.refuse(asked, access::admin, now)->detail ==
        "the token 'ci' has the role operator, and this takes admin");
}

TEST_CASE("who comes through a proxy is not taken for one on this machine", "[unit][api]") {
    auto at = make({.anonymous = role::operate, .anonymous_for = anonymous_who::direct});
    auto told_so = make({.anonymous = role::operate});
    CHECK(outcome(at, get("/"), access::operate) == "let in");

    for (const auto* mark :
         {"forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip",
          "via"}) {
        CAPTURE(mark);
        const auto asked = get("/", {{mark, "203.0.113.9"}});
        CHECK(outcome(at, asked, access::viewer) == "token_missing_behind_proxy");
        CHECK(outcome(at, asked, access::operate) == "token_missing_behind_proxy");
        CHECK(outcome(at, asked, access::admin) == "token_missing");
        CHECK(outcome(at, asked, access::open) == "let in");
        CHECK(outcome(told_so, asked, access::operate) == "let in");
        const auto known =
            get("/", {{mark, "203.0.113.9"}, {"authorization", "Bearer " + operator_}});
        CHECK(outcome(at, known, access::operate) == "let in");
    }
}

TEST_CASE("without a token one may what the anonymous may", "[unit][api]") {
    auto closed = make();
    auto looking = make({.anonymous = role::viewer});
    auto working = make({.anonymous = role::operate});

    CHECK(outcome(closed, get("/"), access::viewer) == "token_missing");
    CHECK(outcome(looking, get("/"), access::viewer) == "let in");
    CHECK(outcome(looking, get("/"), access::operate) == "token_missing");
    CHECK(outcome(working, get("/"), access::operate) == "let in");
    CHECK(outcome(working, get("/"), access::admin) == "token_missing");
    CHECK(outcome(working, with(viewer), access::operate) == "role_too_low");
}

TEST_CASE("where nobody is asked everybody may everything", "[unit][api]") {
    auto open = make({.mode = door_mode::everyone});

    CHECK(outcome(open, get("/"), access::admin) == "let in");
    CHECK(outcome(open, with(unknown), access::admin) == "let in");
    CHECK(open.mode() == door_mode::everyone);
}

TEST_CASE("a wrong token is refused even where none is needed", "[unit][api]") {
    auto at = make({.anonymous = role::operate});

    CHECK(outcome(at, with(unknown), access::viewer) == "token_invalid");
    CHECK(outcome(at, with(""), access::viewer) == "token_invalid");
    CHECK(outcome(at, with(brief), access::viewer, later(2h)) == "token_expired");
}

TEST_CASE("a token expires while the service runs", "[unit][api]") {
    auto at = make();

    CHECK(outcome(at, with(brief), access::admin) == "let in");
    CHECK(outcome(at, with(brief), access::admin, later(1h)) == "token_expired");
}

TEST_CASE("who is not let in is told how to come in", "[unit][api]") {
    auto at = make();
    auto without = get("/");
    auto wrong = with(unknown);

    const auto missing = at.refuse(without, access::operate, now);
    const auto invalid = at.refuse(wrong, access::operate, now);

    CHECK(missing->status == 401);
    CHECK(header_of(*missing, "WWW-Authenticate") == "Bearer realm=\"restpoint\"");
    CHECK_THAT(missing->detail, ContainsSubstring("the role operator"));
    CHECK(invalid->status == 401);
    CHECK(
        header_of(*invalid, "WWW-Authenticate") ==
        "Bearer realm=\"restpoint\", error=\"invalid_token\"");
    CHECK((invalid->detail + invalid->hint).find(unknown) == std::string::npos);
}

TEST_CASE("the header is read as RFC 6750 has it", "[unit][api]") {
    auto at = make();
    const auto shown = [&at](const pairs& headers) {
        return outcome(at, get("/", headers), access::viewer);
    };

    CHECK(shown({{"authorization", "bearer " + viewer}}) == "let in");
    CHECK(shown({{"authorization", " BEARER   " + viewer + " "}}) == "let in");
    CHECK(shown({{"authorization", "Bearer"}}) == "token_invalid");
    CHECK(shown({{"authorization", "Bearer" + viewer}}) == "token_missing");
    CHECK(shown({{"authorization", viewer}}) == "token_missing");
    CHECK(shown({{"authorization", "Basic dXNlcjpwYXNz"}}) == "token_missing");
    CHECK(shown({{"x-authorization", "Bearer " + viewer}}) == "token_missing");
    CHECK(
        shown({{"authorization", "Bearer " + viewer}, {"authorization", "Bearer " + admin}}) ==
        "token_invalid");
}

TEST_CASE("a token is never taken from a query", "[unit][api]") {
    auto at = make();

    for (const auto* name : {"token", "access_token", "authorization"}) {
        CHECK(outcome(at, get("/", {}, {{name, viewer}}), access::viewer) == "token_missing");
    }
}

TEST_CASE("many wrong tokens are told to wait, and good ones never", "[unit][api]") {
    auto at = make({.failures = {.at_once = 2, .one_per = 6s, .most_addresses = 10}});
    auto wrong = with(unknown);
    CHECK(outcome(at, wrong, access::viewer) == "token_invalid");
    CHECK(outcome(at, wrong, access::viewer) == "token_invalid");

    const auto told = at.refuse(wrong, access::viewer, now);

    REQUIRE(told);
    CHECK(told->status == 429);
    CHECK(header_of(*told, "Retry-After") == "6");
    CHECK(outcome(at, with(viewer), access::viewer) == "let in");
    auto elsewhere = with(unknown);
    elsewhere.peer = "10.0.0.7:80";
    CHECK(outcome(at, elsewhere, access::viewer) == "token_invalid");
    CHECK(outcome(at, get("/"), access::viewer) == "token_missing");
    CHECK(outcome(at, wrong, access::viewer, later(6s)) == "token_invalid");
}

TEST_CASE("a revoked token is a wrong one", "[unit][api]") {
    auto at = make();
    auto fewer = table();
    fewer.remove("ci").value();
    at.use(fewer);

    CHECK(outcome(at, with(operator_), access::viewer) == "token_invalid");
    CHECK(outcome(at, with(viewer), access::viewer) == "let in");
}

TEST_CASE("a token is traded for a session that may the same", "[unit][api]") {
    auto at = make();
    const auto entered = at.log_in(operator_, get("/login"), now);

    REQUIRE(entered.has_value());
    CHECK(entered->caller == "token ci");
    CHECK_THAT(
        entered->cookie, StartsWith("restpoint_session=") &&
                             EndsWith("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"));
    CHECK(entered->cookie.find(operator_) == std::string::npos);
    auto asked = with_cookie(entered->cookie);
    CHECK(outcome(at, asked, access::operate) == "let in");
    CHECK(outcome(at, asked, access::admin) == "role_too_low");
    CHECK_FALSE(at.refuse(asked, access::viewer, now));
    CHECK(asked.caller == "token ci");
    CHECK(outcome(at, asked, access::viewer, later(12h)) == "token_missing");
}

TEST_CASE("over TLS the cookie is for TLS alone", "[unit][api]") {
    auto at = make();
    const auto over_tls =
        at.log_in(viewer, get("/login", {{"origin", "https://backups.example"}}), now);
    const auto plain =
        at.log_in(viewer, get("/login", {{"origin", "http://backups.example"}}), now);

    CHECK_THAT(over_tls->cookie, EndsWith("; Secure"));
    CHECK_THAT(plain->cookie, !ContainsSubstring("Secure"));
}

TEST_CASE("a session ends with its token", "[unit][api]") {
    auto at = make();
    const auto by_brief = with_cookie(at.log_in(brief, get("/"), now)->cookie);
    const auto by_ci = with_cookie(at.log_in(operator_, get("/"), now)->cookie);
    CHECK(outcome(at, by_brief, access::admin) == "let in");
    CHECK(at.session_of(by_ci, now)->name == "ci");
    CHECK_FALSE(at.is_good(*auth::id_of(brief), later(1h).wall));

    CHECK(outcome(at, by_brief, access::admin, later(1h)) == "token_missing");
    auto fewer = table();
    fewer.remove("ci").value();
    at.use(fewer);
    CHECK(outcome(at, by_ci, access::viewer) == "token_missing");
    CHECK(at.session_of(by_ci, now) == nullptr);
}

TEST_CASE("who logs out is out", "[unit][api]") {
    auto at = make();
    const auto asked = with_cookie(at.log_in(viewer, get("/"), now)->cookie);

    CHECK_THAT(at.log_out(asked), StartsWith("restpoint_session=; Path=/; Max-Age=0;"));
    CHECK(outcome(at, asked, access::viewer) == "token_missing");
    CHECK_THAT(at.log_out(get("/")), StartsWith("restpoint_session=;"));
}

TEST_CASE("a dead session is no wrong token", "[unit][api]") {
    auto at = make({.anonymous = role::viewer});
    const auto dead = with_cookie("restpoint_session=0123456789abcdef; Path=/");

    CHECK(outcome(at, dead, access::viewer) == "let in");
    CHECK(outcome(at, dead, access::operate) == "token_missing");
    CHECK(outcome(at, get("/", {{"cookie", "restpoint_session"}}), access::viewer) == "let in");
}

TEST_CASE("a header beats the session", "[unit][api]") {
    auto at = make();
    auto asked = with_cookie(at.log_in(admin, get("/"), now)->cookie);
    asked.headers.emplace_back("authorization", "Bearer " + viewer);

    CHECK(outcome(at, asked, access::operate) == "role_too_low");
}

TEST_CASE("a login with what is no good token gives no session", "[unit][api]") {
    auto at = make({.failures = {.at_once = 2, .one_per = 6s, .most_addresses = 10}});

    CHECK(at.log_in(" " + viewer + " ", get("/"), now).has_value());
    CHECK(at.log_in(brief, get("/"), later(1h)).error().code == "token_expired");
    CHECK(at.log_in("", get("/"), now).error().code == "token_invalid");
    CHECK(at.log_in(unknown, get("/"), now).error().code == "token_invalid");
    CHECK(at.log_in(unknown, get("/"), now).error().code == "too_many_failures");
    CHECK(at.log_in(viewer, get("/"), now).has_value());
}

TEST_CASE("a door is closed until it is told otherwise", "[unit][api]") {
    door fresh;

    CHECK(outcome(fresh, get("/"), access::viewer) == "token_missing");
    CHECK(outcome(fresh, with(admin), access::viewer) == "token_invalid");
    CHECK(fresh.tokens().records().empty());
    CHECK_FALSE(fresh.anonymous());
    CHECK(current_moment().wall > morning());
}

} // namespace restpoint::api
