// A browser, from the form to the session and out again.
#include "auth/secrets.hpp"
#include "auth/token.hpp"
#include "running_service.hpp"
#include "support/catch.hpp"
#include "web_client.hpp"

using namespace restpoint;
using namespace restpoint::test;

namespace {

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

const std::string navigation = "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\n"
                               "Sec-Fetch-Dest: document\r\nAccept: text/html\r\n"
                               "User-Agent: Mozilla/5.0\r\n";
const std::string form = navigation + "Content-Type: application/x-www-form-urlencoded\r\n";

std::string token_of(unsigned char n) {
    auth::token_bits bits;
    bits.id[0] = n;
    return auth::make_token(bits);
}

auth::token_table tokens() {
    auth::token_table made;
    const auto add = [&made](unsigned char n, std::string name, auth::role what) {
        made.add({std::string(*auth::id_of(token_of(n))),
                  std::move(name),
                  what,
                  wall_time{},
                  {},
                  auth::sha256_hex(token_of(n))})
            .value();
    };
    add(1, "eyes", auth::role::viewer);
    add(2, "ci", auth::role::operate);
    return made;
}

web_answer log_in(unsigned short port, const std::string& token, const std::string& next = "/") {
    return ask(port, "POST", "/login?next=" + next, form, "token=" + token);
}

/// The Cookie header that a browser sends back.
std::string cookie_of(const web_answer& answer) {
    const auto set = answer.headers.at("set-cookie");
    return "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
}

} // namespace

TEST_CASE("a browser without a token gets a form that leads back", "[component][api]") {
    running_service service(api::door_options{}, tokens());
    const auto page = ask(service.port(), "GET", "/pgBackRest/jobs", navigation);

    CHECK(page.status == 401);
    CHECK(page.headers.contains("www-authenticate"));
    CHECK(holds(page.body, "action=\"/login?next=/pgBackRest/jobs\""));
    CHECK_FALSE(holds(page.body, "<script"));
    CHECK(holds(page.headers.at("content-security-policy"), "form-action 'self'"));
    CHECK(holds(ask(service.port(), "GET", "/login", navigation).body, "type=\"password\""));
}

TEST_CASE("a token is traded for a session, which works until it is ended", "[component][api]") {
    running_service service(api::door_options{}, tokens());
    const auto entered = log_in(service.port(), token_of(2), "/pgBackRest/jobs");
    REQUIRE(entered.status == 303);
    CHECK(entered.headers.at("location") == "/pgBackRest/jobs");
    CHECK(holds(entered.headers.at("set-cookie"), "HttpOnly; SameSite=Strict"));
    CHECK_FALSE(holds(entered.headers.at("set-cookie"), token_of(2)));
    const auto cookie = cookie_of(entered);

    CHECK(ask(service.port(), "GET", "/pgBackRest/jobs", navigation + cookie).status == 200);
    const auto started = ask(service.port(), "GET", "/pgBackRest/backup/full", navigation + cookie);
    CHECK(started.status == 303);
    CHECK(holds(
        ask(service.port(), "GET", "/login", navigation + cookie).body,
        "With the token ci, as operator"));

    const auto out = ask(service.port(), "POST", "/logout", form + cookie);
    CHECK(out.status == 303);
    CHECK(holds(out.headers.at("set-cookie"), "Max-Age=0"));
    CHECK(ask(service.port(), "GET", "/pgBackRest/jobs", navigation + cookie).status == 401);
    CHECK(
        service.audited_callers() ==
        std::vector<std::string>{"token ci 127.0.0.1", "token ci 127.0.0.1", "http 127.0.0.1"});
    CHECK(service.audited().front() == "logged in");
}

TEST_CASE("a session may what its token may, and no more", "[component][api]") {
    running_service service(api::door_options{}, tokens());
    const auto cookie = cookie_of(log_in(service.port(), token_of(1)));

    const auto refused = ask(service.port(), "GET", "/pgBackRest/backup/full", navigation + cookie);
    CHECK(refused.status == 403);
    CHECK(holds(refused.body, "(role_too_low)"));
    CHECK(service.job_count() == 0);
}

TEST_CASE("a session does not help another site's page", "[component][api]") {
    running_service service(api::door_options{}, tokens());
    const auto cookie = cookie_of(log_in(service.port(), token_of(2)));
    const std::string evil = "Origin: http://evil.example\r\n";

    for (const auto* path :
         {"/pgBackRest/backup/full", "/api/v1/stanzas/main/backups", "/logout", "/login"}) {
        CHECK(ask(service.port(), "POST", path, evil + cookie, "{}").status == 403);
    }
    CHECK(ask(service.port(), "GET", "/pgBackRest/jobs", navigation + cookie).status == 200);
    CHECK(service.job_count() == 0);
}

TEST_CASE("a wrong token gets the form again, and no session", "[component][api]") {
    running_service service(
        {.failures = {.at_once = 2, .one_per = std::chrono::hours{1}}}, tokens());
    const auto wrong = log_in(service.port(), token_of(9), "/pgBackRest/info");

    CHECK(wrong.status == 401);
    CHECK_FALSE(wrong.headers.contains("set-cookie"));
    CHECK(holds(wrong.body, "action=\"/login?next=/pgBackRest/info\""));
    CHECK_FALSE(holds(wrong.body, token_of(9)));
    CHECK(log_in(service.port(), "").status == 401);
    const auto told = log_in(service.port(), token_of(9));
    CHECK(told.status == 429);
    CHECK(told.headers.contains("retry-after"));
    CHECK(log_in(service.port(), "++" + token_of(1) + "+").status == 303);
    const auto program = ask(service.port(), "POST", "/login", "", "token=" + token_of(9));
    CHECK(program.headers.at("content-type") == "application/problem+json");
}

TEST_CASE("where nobody is asked a login just goes on", "[component][api]") {
    running_service service;

    const auto entered = log_in(service.port(), "whatever", "/pgBackRest/info");
    CHECK(entered.status == 303);
    CHECK(entered.headers.at("location") == "/pgBackRest/info");
    CHECK_FALSE(entered.headers.contains("set-cookie"));
}

TEST_CASE("the start page leads to the login where there is one", "[component][api]") {
    running_service open;
    running_service asking({.anonymous = auth::role::viewer}, tokens());

    CHECK_FALSE(holds(ask(open.port(), "GET", "/", navigation).body, "/login"));
    CHECK(holds(ask(asking.port(), "GET", "/", navigation).body, "href=\"/login\""));
}
