#include "http/router.hpp"
#include "support/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>
#include <stdexcept>

using namespace restpoint::http;
namespace asio = boost::asio;

namespace {

/// Answers with the pattern it stands for and what its names matched.
asio::awaitable<reply> tell(std::string pattern, path_values values) {
    response page;
    page.body = std::move(pattern);
    for (const auto& [name, value] : values) {
        page.body += " " + name + "=" + value;
    }
    co_return page;
}

void add(router& routes, method verb, const std::string& pattern) {
    routes.add(verb, access::viewer, pattern, [pattern](const request&, const path_values& values) {
        return tell(pattern, values);
    });
}

response ask(const router& routes, method verb, std::string path) {
    request asked;
    asked.verb = verb;
    asked.path = std::move(path);
    asio::io_context loop;
    response got;
    asio::co_spawn(
        loop, [&] { return routes.dispatch(asked); },
        [&got](const std::exception_ptr& failed, reply answer) {
            if (!failed) {
                got = std::get<response>(std::move(answer));
            }
        });
    loop.run();
    return got;
}

router sample() {
    router routes;
    add(routes, method::get, "/");
    add(routes, method::get, "/jobs/{id}");
    add(routes, method::get, "/jobs/latest");
    add(routes, method::get, "/jobs/{id}/log");
    add(routes, method::post, "/jobs/{id}/cancel");
    add(routes, method::delete_, "/jobs/{id}");
    return routes;
}

std::string allow_of(const response& answer) {
    for (const auto& [name, value] : answer.headers) {
        if (name == "Allow") {
            return value;
        }
    }
    return "none";
}

} // namespace

TEST_CASE("a path finds its pattern and its values", "[http]") {
    const auto routes = sample();

    CHECK(ask(routes, method::get, "/").body == "/");
    CHECK(ask(routes, method::get, "/jobs/12").body == "/jobs/{id} id=12");
    CHECK(ask(routes, method::get, "/jobs/12/log").body == "/jobs/{id}/log id=12");
    CHECK(ask(routes, method::post, "/jobs/a b/cancel").body == "/jobs/{id}/cancel id=a b");
}

TEST_CASE("text beats a name, whatever was added first", "[http]") {
    CHECK(ask(sample(), method::get, "/jobs/latest").body == "/jobs/latest");
    CHECK(ask(sample(), method::delete_, "/jobs/latest").body == "/jobs/{id} id=latest");
}

TEST_CASE("GET routes answer HEAD", "[http]") {
    CHECK(ask(sample(), method::head, "/jobs/12").body == "/jobs/{id} id=12");
    CHECK(ask(sample(), method::head, "/jobs/12/cancel").status == 405);
}

TEST_CASE("a path without a pattern is 404", "[http]") {
    const auto path = GENERATE("/job", "/jobs", "/jobs/12/log/more", "/Jobs/12");

    CHECK(ask(sample(), method::get, path).status == 404);
    CHECK(ask(sample(), method::options, path).status == 404);
}

TEST_CASE("another method's path is 405 and tells which", "[http]") {
    const auto answer = ask(sample(), method::put, "/jobs/12");

    CHECK(answer.status == 405);
    CHECK(allow_of(answer) == "GET, HEAD, DELETE, OPTIONS");
    CHECK(ask(sample(), method::other, "/").status == 405);
}

TEST_CASE("OPTIONS tells the methods", "[http]") {
    const auto answer = ask(sample(), method::options, "/jobs/1/cancel");

    CHECK(answer.status == 204);
    CHECK(allow_of(answer) == "POST, OPTIONS");
}

TEST_CASE("a route that is malformed or twice there is a defect", "[http]") {
    auto routes = sample();

    CHECK_THROWS_AS(add(routes, method::get, "/jobs/{id}"), std::logic_error);
    CHECK_THROWS_AS(add(routes, method::get, "jobs"), std::logic_error);
    CHECK(routes.routes().size() == 6);
}

TEST_CASE("each route says who may use it", "[http]") {
    router routes;
    const auto nothing = [](const request&, const path_values&) { return tell("", {}); };
    routes.add(method::get, access::open, "/a", nothing);
    routes.add(method::get, access::viewer, "/b", nothing);
    routes.add(method::get, access::operate, "/c", nothing);
    routes.add(method::get, access::admin, "/d", nothing);

    std::string told;
    for (const auto& route : routes.routes()) {
        told += route.pattern + " " + std::string(to_string(route.who)) + "\n";
    }
    CHECK(told == "/a open\n/b viewer\n/c operator\n/d admin\n");
}

TEST_CASE("a gate is asked before a handler, with whose route it is", "[http]") {
    router routes;
    routes.add(
        method::get, restpoint::http::access::admin, "/a/{id}",
        [](const request& asked, const path_values&) { return tell("for " + asked.caller, {}); });
    routes.guard([](request& asked, const route_outline& route) -> std::optional<response> {
        if (asked.path == "/a/1") {
            asked.caller = std::string(to_string(route.who)) + " of " + route.pattern;
            return std::nullopt;
        }
        return response{403, "text/plain", {}, "no"};
    });

    CHECK(ask(routes, method::get, "/a/1").body == "for admin of /a/{id}");
    CHECK(ask(routes, method::get, "/a/2").status == 403);
    CHECK(ask(routes, method::head, "/a/2").status == 403);
    CHECK(ask(routes, method::get, "/b").status == 404);
}
