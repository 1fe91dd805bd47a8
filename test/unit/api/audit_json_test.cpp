#include "api/audit_json.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {

TEST_CASE("the audit trail is a list with a cursor behind it", "[unit][api]") {
    const std::vector<jobs::audit_record> entries{
        {12,
         morning(),
         {"token ci 10.0.0.7", "10.0.0.7:4711", "POST /api/v1/jobs/1/cancel", "cancelled job 1"}}};

    CHECK(
        audit_json(entries, 12) ==
        R"({"entries":[{"id":"12","at":"2026-11-22T08:00:00.000Z","who":"token ci 10.0.0.7",)"
        R"("peer":"10.0.0.7:4711","what":"POST /api/v1/jobs/1/cancel",)"
        R"("outcome":"cancelled job 1"}],"next_cursor":"12"})");
    CHECK(audit_json({}, {}) == R"({"entries":[],"next_cursor":null})");
}

TEST_CASE("bytes that are no text stand in an entry as replacements", "[unit][api]") {
    const std::vector<jobs::audit_record> entries{{1, morning(), {"a", "b", "GET /\xff", "\"x\""}}};

    const auto json = audit_json(entries, {});
    CHECK_THAT(json, ContainsSubstring("GET /\xEF\xBF\xBD") && ContainsSubstring("\\\"x\\\""));
}

} // namespace restpoint::api
