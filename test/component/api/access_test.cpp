// Every route, and everybody who may come to it. A route that is added without a rule here fails.
#include "auth/secrets.hpp"
#include "auth/token.hpp"
#include "running_service.hpp"
#include "support/catch.hpp"
#include "web_client.hpp"

#include <algorithm>
#include <map>
#include <string>

using namespace restpoint;
using namespace restpoint::test;

namespace {

using auth::role;
using http::access;

/// Whose each route is, said a second time: that an access was mistyped shows here.
const std::map<std::string, access> rules{
    {"GET /livez", access::open},
    {"GET /readyz", access::open},
    {"GET /metrics", access::viewer},
    {"GET /login", access::open},
    {"POST /login", access::open},
    {"POST /logout", access::open},
    {"GET /", access::viewer},
    {"GET /pgBackRest/info", access::viewer},
    {"POST /pgBackRest/info", access::viewer},
    {"GET /pgBackRest/db_status", access::viewer},
    {"POST /pgBackRest/db_status", access::viewer},
    {"GET /pgBackRest/backup/{type}", access::operate},
    {"POST /pgBackRest/backup/{type}", access::operate},
    {"GET /pgBackRest/create", access::operate},
    {"POST /pgBackRest/create", access::operate},
    {"GET /pgBackRest/restore/delta", access::admin},
    {"POST /pgBackRest/restore/delta", access::admin},
    {"GET /pgBackRest/restore/db", access::admin},
    {"POST /pgBackRest/restore/db", access::admin},
    {"GET /pgBackRest/restore/time", access::admin},
    {"POST /pgBackRest/restore/time", access::admin},
    {"GET /pgBackRest/restore/time/latest", access::admin},
    {"POST /pgBackRest/restore/time/latest", access::admin},
    {"GET /pgBackRest/jobs", access::viewer},
    {"GET /pgBackRest/jobs/{id}", access::viewer},
    {"POST /pgBackRest/jobs/{id}/cancel", access::operate},
    {"GET /api/v1/openapi.json", access::viewer},
    {"GET /api/v1/docs", access::viewer},
    {"GET /api/v1/jobs", access::viewer},
    {"GET /api/v1/jobs/{id}", access::viewer},
    {"GET /api/v1/jobs/{id}/log", access::viewer},
    {"GET /api/v1/jobs/{id}/events", access::viewer},
    {"POST /api/v1/jobs/{id}/cancel", access::operate},
    {"POST /api/v1/stanzas/{stanza}", access::admin},
    {"POST /api/v1/stanzas/{stanza}/upgrade", access::admin},
    {"POST /api/v1/stanzas/{stanza}/backups", access::operate},
    {"PATCH /api/v1/stanzas/{stanza}/backups/{label}", access::operate},
    {"DELETE /api/v1/stanzas/{stanza}/backups/{label}", access::admin},
    {"POST /api/v1/stanzas/{stanza}/checks", access::operate},
    {"POST /api/v1/stanzas/{stanza}/verifications", access::operate},
    {"POST /api/v1/stanzas/{stanza}/expirations", access::admin},
    {"GET /api/v1/stanzas", access::viewer},
    {"GET /api/v1/stanzas/{stanza}", access::viewer},
    {"GET /api/v1/stanzas/{stanza}/backups", access::viewer},
    {"GET /api/v1/stanzas/{stanza}/backups/{label}", access::viewer},
    {"GET /api/v1/stanzas/{stanza}/window", access::viewer},
    {"POST /api/v1/stanzas/{stanza}/restore-plans", access::viewer},
    {"POST /api/v1/stanzas/{stanza}/restores", access::admin},
    {"POST /api/v1/jobs/{id}/undo", access::admin},
    {"POST /api/v1/jobs/{id}/forget", access::admin},
    {"GET /api/v1/postgres", access::viewer},
    {"POST /api/v1/postgres/start", access::admin},
    {"POST /api/v1/postgres/stop", access::admin},
    {"POST /api/v1/postgres/restart", access::admin},
    {"GET /api/v1/schedules", access::viewer},
    {"GET /api/v1/schedules/{name}", access::viewer},
    {"POST /api/v1/schedules/{name}/run", access::operate},
    {"POST /api/v1/schedules/{name}/pause", access::operate},
    {"POST /api/v1/schedules/{name}/resume", access::operate},
    {"GET /api/v1/audit", access::admin},
};

struct caller {
    std::string name;
    std::string headers;                ///< lines with their \r\n
    std::optional<auth::role> may = {}; ///< none: nothing
    std::string refused_with = {};      ///< the code where it may nothing
};

std::string token_of(unsigned char n) {
    auth::token_bits bits;
    bits.secret[0] = n;
    bits.id[0] = n;
    return auth::make_token(bits);
}

std::string bearer(unsigned char n) {
    return "Authorization: Bearer " + token_of(n) + "\r\n";
}

auth::token_record record(unsigned char n, role what, std::optional<wall_time> expires = {}) {
    return {
        std::string(*auth::id_of(token_of(n))), "t" + std::to_string(n), what, wall_time{}, expires,
        auth::sha256_hex(token_of(n))};
}

constexpr unsigned char viewer = 1;
constexpr unsigned char operator_ = 2;
constexpr unsigned char admin = 3;
constexpr unsigned char expired = 4;
constexpr unsigned char unknown = 9;

auth::token_table tokens() {
    auth::token_table made;
    made.add(record(viewer, role::viewer)).value();
    made.add(record(operator_, role::operate)).value();
    made.add(record(admin, role::admin)).value();
    made.add(record(expired, role::admin, wall_time{} + std::chrono::hours{1})).value();
    return made;
}

std::vector<caller> callers(std::optional<auth::role> anonymous) {
    return {
        {"no token", "", anonymous, "token_missing"},
        {"a token in the query only", "", anonymous, "token_missing"},
        {"bad token", bearer(unknown), {}, "token_invalid"},
        {"expired token", bearer(expired), {}, "token_expired"},
        {"viewer", bearer(viewer), role::viewer, "role_too_low"},
        {"operator", bearer(operator_), role::operate, "role_too_low"},
        {"admin", bearer(admin), role::admin, "role_too_low"},
    };
}

bool lets_in(const std::optional<auth::role>& has, access needed) {
    switch (needed) {
    case access::open:
        return true;
    case access::viewer:
        return has.has_value();
    case access::operate:
        return has == role::operate || has == role::admin;
    case access::admin:
        break;
    }
    return has == role::admin;
}

/// The pattern with names that nothing is called by, so that whoever is let in finds nothing.
std::string path_for(std::string pattern) {
    for (auto begin = pattern.find('{'); begin != pattern.npos; begin = pattern.find('{')) {
        pattern.replace(begin, pattern.find('}') - begin + 1, "999999");
    }
    return pattern;
}

access rule_for(const http::route_outline& route) {
    const auto name = std::string(http::to_string(route.verb)) + " " + route.pattern;
    INFO(name << " has no rule: say in this file whose it is");
    REQUIRE(rules.contains(name));
    return rules.at(name);
}

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

/// 401 or 403 with the code, 429 being for who has failed too often.
void check_refused(const web_answer& got, const caller& who) {
    const bool nobody = who.refused_with != "role_too_low";
    CHECK(got.status == (nobody ? 401 : 403));
    CHECK(got.headers.contains("www-authenticate") == nobody);
    CHECK(got.headers.at("content-type") == "application/problem+json");
    CHECK(holds(got.body, "\"code\":\"" + who.refused_with + "\""));
}

/// What a level or a wish cannot be, so that a route which is reached starts nothing.
const std::string nonsense = "?level=nonsense&wait=nonsense";

void check_route(
    running_service& service, const http::route_outline& route, const caller& who, access needed) {
    const auto target = path_for(route.pattern) + nonsense +
                        (holds(who.name, "query") ? "&access_token=" + token_of(admin) : "");
    INFO(who.name << ": " << http::to_string(route.verb) << " " << target);
    // The login judges the token in its body, whoever brings it.
    const auto body = route.pattern == "/login" ? "token=" + token_of(viewer) : "{}";
    const auto got = ask(service.port(), http::to_string(route.verb), target, who.headers, body);
    if (lets_in(who.may, needed)) {
        CHECK(got.status != 401);
        CHECK(got.status != 403);
        CHECK(got.status != 429);
        CHECK(got.status != 500);
    } else {
        check_refused(got, who);
    }
}

api::door_options patient(std::optional<auth::role> anonymous) {
    return {.anonymous = anonymous, .failures = {.at_once = 1'000'000}};
}

} // namespace

TEST_CASE("each route lets in who may use it, and nobody else", "[component][api]") {
    const auto anonymous = GENERATE(
        std::optional<auth::role>{}, std::optional(role::viewer), std::optional(role::operate));
    running_service service(patient(anonymous), tokens());

    const auto routes = service.routes();
    CHECK(routes.size() > 20);
    for (const auto& route : routes) {
        const auto needed = rule_for(route);
        CHECK(route.who == needed);
        for (const auto& who : callers(anonymous)) {
            check_route(service, route, who, needed);
        }
    }
    CHECK(service.job_count() == 0);
}

TEST_CASE("with the mode none everybody may everything, whatever they show", "[component][api]") {
    running_service service;
    for (const auto& route : service.routes()) {
        for (auto who : callers({})) {
            who.may = role::admin;
            check_route(service, route, who, rule_for(route));
        }
    }
}

TEST_CASE("HEAD is let in as GET is", "[component][api]") {
    running_service service(patient({}), tokens());

    CHECK(ask(service.port(), "HEAD", "/api/v1/jobs").status == 401);
    CHECK(ask(service.port(), "HEAD", "/api/v1/jobs", bearer(viewer)).status == 200);
}

TEST_CASE("who is refused starts nothing and stands in the audit trail", "[component][api]") {
    running_service service(patient({}), tokens());
    const std::string path = "/api/v1/stanzas/main/backups";
    const std::string body = R"({"type":"full"})";

    CHECK(ask(service.port(), "POST", path, "", body).status == 401);
    CHECK(ask(service.port(), "POST", path, bearer(viewer), body).status == 403);
    CHECK(ask(service.port(), "GET", "/pgBackRest/backup/full", bearer(viewer)).status == 403);

    CHECK(service.job_count() == 0);
    CHECK(
        service.audited() == std::vector<std::string>{
                                 "refused: 401 token_missing", "refused: 403 role_too_low",
                                 "refused: 403 role_too_low"});
    CHECK(
        service.audited_callers() ==
        std::vector<std::string>{"http 127.0.0.1", "token t1 127.0.0.1", "token t1 127.0.0.1"});
}

TEST_CASE("a flood of strangers hides no refusal of a known caller", "[component][api]") {
    running_service service(patient({}), tokens());
    constexpr int flood = 50;
    constexpr int own = 20;
    for (int i = 0; i < flood; ++i) {
        ask(service.port(), "GET", "/api/v1/jobs");
    }
    for (int i = 0; i < own; ++i) {
        ask(service.port(), "GET", "/api/v1/audit", bearer(viewer));
    }
    service.pass_second_of_refusals();

    const auto callers = service.audited_callers();
    const auto outcomes = service.audited();
    CHECK(std::ranges::count(callers, "token t1 127.0.0.1") == own);
    CHECK(std::ranges::count(outcomes, "refused: 403 role_too_low") == own);
    std::size_t told = 0;
    for (std::size_t i = 0; i < callers.size(); ++i) {
        CAPTURE(outcomes.at(i));
        if (callers.at(i) == "nobody") {
            told += std::stoul(outcomes.at(i).substr(std::string("refused: ").size()));
        } else if (outcomes.at(i) == "refused: 401 token_missing") {
            ++told;
        }
    }
    CHECK(told == flood);
}

TEST_CASE("nobody makes the service remember a large body", "[component][api]") {
    running_service service(patient({}), tokens());
    for (const auto* path : {"/login", "/api/v1/stanzas/main/backups", "/nowhere"}) {
        CAPTURE(path);
        CHECK(ask(service.port(), "POST", path, "", std::string(65'537, 'x')).status == 413);
    }
    CHECK(
        ask(service.port(), "POST", "/login", "", "token=" + std::string(60'000, 'x')).status ==
        401);
}

TEST_CASE("a job names the token that asked for it", "[component][api]") {
    running_service service(patient({}), tokens());
    const auto started =
        ask(service.port(), "POST", "/api/v1/stanzas/main/backups", bearer(operator_),
            R"({"type":"full"})");

    CHECK(started.status == 202);
    CHECK(holds(started.body, "\"requested_by\":\"token t2 127.0.0.1\""));
    CHECK(service.audited_callers() == std::vector<std::string>{"token t2 127.0.0.1"});
}

TEST_CASE("a revoked token opens nothing any more", "[component][api]") {
    running_service service(patient({}), tokens());
    CHECK(ask(service.port(), "GET", "/api/v1/jobs", bearer(viewer)).status == 200);
    auto fewer = tokens();
    fewer.remove("t1").value();
    service.replace_tokens(std::move(fewer));

    CHECK(ask(service.port(), "GET", "/api/v1/jobs", bearer(viewer)).status == 401);
    CHECK(ask(service.port(), "GET", "/api/v1/jobs", bearer(admin)).status == 200);
}

TEST_CASE("wrong tokens are told to wait, and good ones do not wait", "[component][api]") {
    running_service service(
        {.failures = {.at_once = 3, .one_per = std::chrono::hours{1}}}, tokens());
    for (int i = 0; i < 3; ++i) {
        CHECK(ask(service.port(), "GET", "/api/v1/jobs", bearer(unknown)).status == 401);
    }

    const auto told = ask(service.port(), "GET", "/api/v1/jobs", bearer(unknown));
    CHECK(told.status == 429);
    CHECK(told.headers.at("retry-after") == "3600");
    CHECK(holds(told.body, "too_many_failures"));
    CHECK(ask(service.port(), "GET", "/api/v1/jobs", bearer(viewer)).status == 200);
}

TEST_CASE("a stream ends with its token, before the next byte", "[component][api]") {
    running_service service(
        patient(role::operate), tokens(), {"FAKE_PGBACKREST_MODE=wait-for-file"});
    ask(service.port(), "POST", "/api/v1/stanzas/main/backups", "", R"({"type":"full"})");
    const std::string target = "/api/v1/jobs/1/log?follow=true";
    web_client revoked(service.port(), "GET", target, bearer(viewer));
    web_client kept(service.port(), "GET", target, bearer(admin));
    revoked.until("backup command begin");
    kept.until("backup command begin");

    auto fewer = tokens();
    fewer.remove("t1").value();
    service.replace_tokens(std::move(fewer));
    service.open_gate();

    CHECK(holds(kept.whole().body, "backup command end"));
    const auto cut = revoked.whole();
    CHECK_FALSE(cut.complete);
    CHECK_FALSE(holds(cut.body, "backup command end"));
}
