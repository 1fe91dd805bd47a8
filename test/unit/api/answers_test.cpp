#include "api/answers.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

#include <algorithm>

namespace restpoint::api {
namespace {

std::optional<std::string> header(const http::response& answer, std::string_view name) {
    const auto found = std::ranges::find(answer.headers, name, &pairs::value_type::first);
    return found == answer.headers.end() ? std::nullopt : std::optional(found->second);
}

} // namespace

TEST_CASE("an accepted job is told with its place and when to ask again", "[unit][api]") {
    const auto answer = accepted(running_backup());

    CHECK(answer.status == 202);
    CHECK(answer.content_type == "application/json");
    CHECK(header(answer, "Location") == "/api/v1/jobs/12");
    CHECK(header(answer, "Restpoint-Job") == "12");
    CHECK(header(answer, "Retry-After") == "2");
    CHECK_THAT(answer.body, ContainsSubstring(R"("id":"12")"));
}

TEST_CASE("nobody has to ask again for a job that has ended", "[unit][api]") {
    const auto answer = accepted(failed_backup());

    CHECK(answer.status == 202);
    CHECK_FALSE(header(answer, "Retry-After"));
    CHECK_THAT(answer.body, ContainsSubstring(R"("state":"failed")"));
}

TEST_CASE("a path names a job by a number, and nothing else is one", "[unit][api]") {
    CHECK(job_id_of({{"id", "12"}}).value() == 12);
    for (const auto* text : {"0", "012", "-1", "x", "1x", "99999999999999999999"}) {
        const auto none = job_id_of({{"id", text}});
        REQUIRE_FALSE(none);
        CHECK(none.error().code == errc::not_found);
        CHECK_THAT(none.error().detail, ContainsSubstring(text));
    }
}

TEST_CASE("who waited is told how long that would have been", "[unit][api]") {
    CHECK(
        applied(std::chrono::seconds{60}) ==
        http::header_list::value_type{"Preference-Applied", "wait=60"});
}

TEST_CASE("a failure is answered as a problem", "[unit][api]") {
    const auto answer = failed(get("/x"), {errc::conflict, "something is in the way", "wait"});

    CHECK(answer.status == 409);
    CHECK(answer.content_type == "application/problem+json");
    CHECK_THAT(answer.body, ContainsSubstring("something is in the way"));
}

TEST_CASE("a service knows the stanza that it stands for, and no other", "[unit][api]") {
    CHECK(known_stanza("main", {{"stanza", "main"}}).value() == "main");

    const auto other = known_stanza("main", {{"stanza", "Main"}});
    REQUIRE_FALSE(other.has_value());
    CHECK(other.error().code == errc::not_found);
    CHECK_THAT(other.error().detail, ContainsSubstring("'Main'"));
    CHECK_THAT(other.error().hint, ContainsSubstring("'main'"));
}

} // namespace restpoint::api
