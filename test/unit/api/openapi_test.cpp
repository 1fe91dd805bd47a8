// The description of the API. That it fits the routes and the answers there are is shown on the
// running service.
#include "api/openapi.hpp"
#include "api/openapi_page.hpp"
#include "support/catch.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <vector>

using namespace restpoint;
using namespace restpoint::api;

namespace json = boost::json;

namespace {

std::vector<http::route_outline> described() {
    std::vector<http::route_outline> routes;
    for (const auto& one : described_routes()) {
        routes.push_back({one.verb, http::access::viewer, std::string(one.pattern)});
    }
    return routes;
}

json::value document() {
    return json::parse(openapi_document(described(), "1.2.3"));
}

/// Every "$ref" in it, wherever it stands.
void collect(const json::value& in, std::set<std::string>& refs) {
    if (const auto* object = in.if_object()) {
        for (const auto& [name, value] : *object) {
            if (name == "$ref") {
                refs.insert(std::string(std::string_view(value.as_string())));
            }
            collect(value, refs);
        }
    } else if (const auto* array = in.if_array()) {
        for (const auto& value : *array) {
            collect(value, refs);
        }
    }
}

} // namespace

TEST_CASE("whatever the document refers to is in it", "[api]") {
    const auto whole = document();
    std::set<std::string> refs;
    collect(whole, refs);

    CHECK(refs.size() > 30);
    for (const auto& ref : refs) {
        CAPTURE(ref);
        REQUIRE(ref.starts_with("#/"));
        boost::system::error_code error;
        whole.find_pointer(ref.substr(1), error);
        CHECK_FALSE(error);
    }
    for (const auto& [name, schema] : whole.at("components").at("schemas").as_object()) {
        CAPTURE(std::string_view(name));
        CHECK(refs.contains("#/components/schemas/" + std::string(std::string_view(name))));
    }
    for (const auto& [name, schema] : whole.at("components").at("parameters").as_object()) {
        CAPTURE(std::string_view(name));
        CHECK(refs.contains("#/components/parameters/" + std::string(std::string_view(name))));
    }
}

TEST_CASE("each route says what it takes, gives and refuses", "[api]") {
    const auto whole = document();
    std::set<std::string> ids;
    for (const auto& one : described_routes()) {
        CAPTURE(one.pattern, one.id);
        std::string verb(to_string(one.verb));
        std::ranges::transform(verb, verb.begin(), [](unsigned char c) { return std::tolower(c); });
        const auto& told = whole.at("paths").at(one.pattern).at(verb).as_object();
        CHECK(ids.insert(std::string(one.id)).second);
        CHECK(told.at("responses").as_object().contains(std::to_string(one.status)));
        CHECK(told.at("responses").as_object().contains("default"));
        CHECK(told.contains("requestBody") == !one.body.empty());
        CHECK(std::string_view(told.at("description").as_string()).ends_with("Role: viewer."));
    }
    CHECK(whole.at("info").at("version") == "1.2.3");
}

TEST_CASE("what is no problem and no usual answer is described where it comes", "[api]") {
    const auto whole = document();
    const auto& paths = whole.at("paths");
    const auto& log = paths.at("/api/v1/jobs/{id}/log").at("get").at("responses");
    CHECK(log.at("206").at("content").as_object().contains("text/plain"));
    CHECK(log.at("206").at("headers").as_object().contains("Content-Range"));
    CHECK(log.at("416").at("headers").as_object().contains("Content-Range"));
    CHECK(log.at("416").at("content").as_object().contains("application/problem+json"));

    const auto& not_ready = paths.at("/readyz").at("get").at("responses").at("503").at("content");
    CHECK(not_ready.as_object().contains("text/plain"));
    CHECK(
        not_ready.at("application/json").at("schema").at("$ref") ==
        "#/components/schemas/Readiness");

    const auto& job = paths.at("/api/v1/jobs/{id}").at("get").at("responses").at("200");
    CHECK(job.at("headers").as_object().contains("Preference-Applied"));
    const auto& made =
        paths.at("/api/v1/stanzas/{stanza}/checks").at("post").at("responses").at("202");
    CHECK(made.at("headers").as_object().contains("Preference-Applied"));
    CHECK(made.at("headers").as_object().contains("Location"));
    const auto& live = paths.at("/livez").at("get").at("responses").at("200");
    CHECK_FALSE(live.as_object().contains("headers"));
}

TEST_CASE("a route that nobody may miss is described, or it is a defect", "[api]") {
    const std::vector<http::route_outline> routes{
        {http::method::post, http::access::admin, "/api/v1/new"}};
    CHECK_THROWS_AS(openapi_document(routes, "1"), std::logic_error);
}

TEST_CASE("pages are no part of the document, and who is open asks for no token", "[api]") {
    const std::vector<http::route_outline> routes{
        {http::method::get, http::access::viewer, "/pgBackRest/info"},
        {http::method::get, http::access::open, "/livez"}};
    const auto whole = json::parse(openapi_document(routes, "1"));

    CHECK(whole.at("paths").as_object().size() == 1);
    const auto& asked = whole.at("paths").at("/livez").at("get").at("security").as_array();
    CHECK(asked == json::array{json::object{}});
}

TEST_CASE("the page for people tells of every route there is", "[api]") {
    const auto page = openapi_page(described());

    for (const auto& one : described_routes()) {
        CHECK_THAT(page, ContainsSubstring(std::string(one.pattern)));
    }
    CHECK_THAT(page, ContainsSubstring("<h3 id=\"Job\">"));
    CHECK_THAT(page, !ContainsSubstring("<script"));
    CHECK_THAT(openapi_page({}), !ContainsSubstring("/api/v1/jobs/{id}"));
}
