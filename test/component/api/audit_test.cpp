#include "running_service.hpp"
#include "support/catch.hpp"
#include "web_client.hpp"

#include <boost/json/parse.hpp>

using namespace restpoint;
using namespace restpoint::test;
namespace json = boost::json;

namespace {

json::object page(running_service& service, const std::string& query) {
    const auto answer = ask(service.port(), "GET", "/api/v1/audit" + query);
    REQUIRE(answer.status == 200);
    CHECK(answer.headers.at("content-type") == "application/json");
    return json::parse(answer.body).as_object();
}

std::vector<std::string> outcomes(const json::object& of) {
    std::vector<std::string> found;
    for (const auto& entry : of.at("entries").as_array()) {
        found.emplace_back(entry.at("outcome").as_string());
    }
    return found;
}

} // namespace

TEST_CASE("the audit trail is read from the newest entry back", "[component][api]") {
    running_service service;
    for (int i = 1; i <= 5; ++i) {
        service.write_audit({"http 10.0.0.7", "10.0.0.7:1", "POST /x", std::to_string(i)});
    }

    const auto first = page(service, "?limit=2");
    CHECK(outcomes(first) == std::vector<std::string>{"5", "4"});
    const std::string cursor(first.at("next_cursor").as_string());
    const auto second = page(service, "?limit=2&cursor=" + cursor);
    CHECK(outcomes(second) == std::vector<std::string>{"3", "2"});
    const auto third =
        page(service, "?limit=2&cursor=" + std::string(second.at("next_cursor").as_string()));
    CHECK(outcomes(third) == std::vector<std::string>{"1"});
    CHECK(third.at("next_cursor").is_null());
    CHECK(page(service, "?limit=5").at("next_cursor").is_null());
    CHECK(outcomes(page(service, "")).size() == 5);
}

TEST_CASE("an entry says when, who, from where, what and what came of it", "[component][api]") {
    running_service service;
    const auto before =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    service.write_audit({"token ci 10.0.0.7", "10.0.0.7:4711", "POST /x", "started job 1"});

    const auto entry = page(service, "").at("entries").as_array().at(0).as_object();
    CHECK(entry.at("who") == "token ci 10.0.0.7");
    CHECK(entry.at("peer") == "10.0.0.7:4711");
    CHECK(entry.at("what") == "POST /x");
    const auto at = parse_rfc3339(std::string(entry.at("at").as_string()));
    REQUIRE(at);
    CHECK(*at >= before);
    CHECK(*at <= std::chrono::system_clock::now());
}

TEST_CASE("limits and cursors that are none are refused", "[component][api]") {
    running_service service;

    for (const auto* query :
         {"?limit=0", "?limit=501", "?limit=x", "?cursor=0", "?cursor=x", "?state=failed"}) {
        CHECK(ask(service.port(), "GET", std::string("/api/v1/audit") + query).status == 400);
    }
}
