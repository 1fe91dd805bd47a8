#include "api/login_page.hpp"
#include "support/catch.hpp"

namespace restpoint::api {

TEST_CASE("a login leads to a page that only shows something", "[unit][api]") {
    for (const auto* page :
         {"/", "/pgBackRest/info", "/pgBackRest/db_status", "/pgBackRest/jobs",
          "/pgBackRest/jobs/12"}) {
        CHECK(page_after_login(page) == page);
    }
    for (const auto* other :
         {"", "//evil.example", "/\\evil.example", "https://evil.example",
          "/pgBackRest/backup/full", "/pgBackRest/create", "/pgBackRest/jobs/",
          "/pgBackRest/jobs/1/cancel", "/api/v1/jobs", "/pgBackRest/jobs/1\r\nSet-Cookie: a=b",
          "/pgBackRest/info\""}) {
        CAPTURE(other);
        CHECK(page_after_login(other) == "/");
    }
}

TEST_CASE("the form says why it is there and where it leads", "[unit][api]") {
    http::problem why{401, "token_missing"};
    why.detail = "this takes <a token>";
    why.headers.emplace_back("WWW-Authenticate", "Bearer");
    const auto page = login_page(why, "/pgBackRest/jobs");

    CHECK(page.status == 401);
    CHECK_THAT(
        page.body, ContainsSubstring("action=\"/login?next=/pgBackRest/jobs\"") &&
                       ContainsSubstring("this takes &lt;a token&gt;") &&
                       ContainsSubstring("401 (token_missing)") &&
                       ContainsSubstring("type=\"password\""));
    CHECK(page.headers.back().first == "WWW-Authenticate");
    CHECK(login_page({}, "\"><script>").status == 200);
    CHECK_THAT(login_page({}, "\"><script>").body, ContainsSubstring("action=\"/login?next=/\""));
}

TEST_CASE("who is in sees as whom, and how to leave", "[unit][api]") {
    const auto page = logged_in_page("c<i", "viewer");

    CHECK(page.status == 200);
    CHECK_THAT(
        page.body, ContainsSubstring("the token c&lt;i, as viewer") &&
                       ContainsSubstring("<form method=\"post\" action=\"/logout\">"));
}

} // namespace restpoint::api
