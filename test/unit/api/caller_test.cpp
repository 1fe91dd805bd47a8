#include "api/caller.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {
namespace {

const std::string browser_accept = "text/html,application/xhtml+xml,*/*;q=0.8";
const std::string firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0";

} // namespace

TEST_CASE("a browser that opens a page says so by Sec-Fetch", "[unit][api]") {
    const auto by_mode = get(
        "/", {{"sec-fetch-site", "none"}, {"sec-fetch-mode", "navigate"}, {"user-agent", firefox}});
    const auto by_destination = get(
        "/",
        {{"sec-fetch-site", "none"}, {"sec-fetch-dest", "document"}, {"accept", browser_accept}});

    CHECK(caller_of(by_mode) == caller::navigating_browser);
    CHECK(caller_of(by_destination) == caller::navigating_browser);
}

TEST_CASE("a page's own request is taken for a program", "[unit][api]") {
    const auto fetch =
        get("/", {{"sec-fetch-site", "same-origin"},
                  {"sec-fetch-mode", "cors"},
                  {"sec-fetch-dest", "empty"},
                  {"accept", "*/*"},
                  {"user-agent", firefox}});

    CHECK(caller_of(fetch) == caller::program);
}

TEST_CASE("a browser without Sec-Fetch is known whatever it accepts", "[unit][api]") {
    const auto page = get("/", {{"user-agent", firefox}, {"accept", browser_accept}});
    const auto image = get("/", {{"user-agent", firefox}, {"accept", "image/*,*/*"}});

    CHECK(caller_of(page) == caller::unmarked_browser);
    CHECK(caller_of(image) == caller::unmarked_browser);
}

TEST_CASE("curl, scripts and Java's own client are programs", "[unit][api]") {
    CHECK(caller_of(get("/")) == caller::program);
    CHECK(
        caller_of(get("/", {{"user-agent", "curl/7.88.1"}, {"accept", "*/*"}})) == caller::program);
    CHECK(
        caller_of(
            get("/", {{"user-agent", "Java/17.0.9"},
                      {"accept", "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}})) ==
        caller::program);
}

TEST_CASE("the address of a peer is told without its port", "[unit][api]") {
    auto asked = get("/");
    CHECK(address_of(asked) == "127.0.0.1");
    asked.peer = "[::1]:5000";
    CHECK(address_of(asked) == "::1");
}

} // namespace restpoint::api
