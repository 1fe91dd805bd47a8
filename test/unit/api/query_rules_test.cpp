#include "api/query_rules.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

/// Why ?name=x is refused by the route; "" when it is not.
std::string refusal(
    const std::string& pattern, const std::string& name, http::method verb = http::method::get) {
    auto asked = get(pattern);
    asked.query = {{name, "x"}};
    const auto why = query_rules().check(asked, {verb, http::access::viewer, pattern});
    return why ? why->detail + "; " + why->hint : "";
}

} // namespace

TEST_CASE("a route takes the parameters of its description and no others", "[unit][api]") {
    for (const auto* name : {"state", "kind", "stanza", "limit", "cursor"}) {
        CHECK(refusal("/api/v1/jobs", name).empty());
    }
    CHECK(
        refusal("/api/v1/jobs", "status") ==
        "there is no parameter 'status' here; allowed: state, kind, stanza, limit, cursor");
    CHECK(
        refusal("/api/v1/audit", "state") ==
        "there is no parameter 'state' here; allowed: limit, cursor");
    CHECK(
        refusal("/api/v1/jobs/{id}", "wait") ==
        "there is no parameter 'wait' here; this takes none");
    CHECK_FALSE(refusal("/api/v1/jobs/{id}/log", "Range").empty()); // a header
}

TEST_CASE("pages and what changes something are judged elsewhere", "[unit][api]") {
    CHECK(refusal("/pgBackRest/info", "state").empty());
    CHECK(refusal("/metrics", "state").empty());
    CHECK(refusal("/api/v1/stanzas/{stanza}", "queue", http::method::post).empty());
    CHECK_FALSE(query_rules()
                    .check(get("/api/v1/jobs"), {http::method::get, {}, "/api/v1/jobs"})
                    .has_value());
}

} // namespace restpoint::api
