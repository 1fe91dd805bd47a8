#include "api/server_request.hpp"
#include "postgres/server_order.hpp"
#include "support/catch.hpp"

#include <string>

using namespace restpoint;
using namespace restpoint::api;
using jobs::job_kind;
using postgres::server_errand;
using postgres::stop_mode;

namespace {

postgres::server_order order_of(job_kind kind, const std::string& body) {
    const auto what = parse_server_request(kind, {.body = body}, "main");
    REQUIRE(what.has_value());
    CHECK(what->kind == kind);
    CHECK(what->stanza == "main");
    return postgres::parse_server_order(what->order).value();
}

failure refusal(job_kind kind, const std::string& body) {
    const auto what = parse_server_request(kind, {.body = body}, "main");
    REQUIRE(what.has_error());
    CHECK(what.error().code == errc::invalid);
    return what.error();
}

} // namespace

TEST_CASE("a request on the server is an order with a mode", "[api]") {
    CHECK(order_of(job_kind::postgres_start, "").what == server_errand::start);
    CHECK(order_of(job_kind::postgres_stop, "{}").what == server_errand::stop);
    CHECK(order_of(job_kind::postgres_stop, "").mode == stop_mode::fast);
    const auto restart = order_of(job_kind::postgres_restart, R"({"mode": "immediate"})");
    CHECK(restart.what == server_errand::restart);
    CHECK(restart.mode == stop_mode::immediate);
}

TEST_CASE("what a request on the server cannot say is refused by its name", "[api]") {
    CHECK_THAT(
        refusal(job_kind::postgres_stop, R"({"mode": "smart"})").detail,
        ContainsSubstring("'mode'"));
    CHECK_THAT(
        refusal(job_kind::postgres_stop, R"({"mode": "smart"})").hint,
        ContainsSubstring("immediate"));
    CHECK_THAT(
        refusal(job_kind::postgres_stop, R"({"mode": 7})").detail, ContainsSubstring("mode"));
    CHECK_THAT(
        refusal(job_kind::postgres_start, R"({"mode": "fast"})").detail,
        ContainsSubstring("'mode'"));
    CHECK_THAT(
        refusal(job_kind::postgres_restart, R"({"modus": "fast"})").detail,
        ContainsSubstring("'modus'"));
    refusal(job_kind::postgres_restart, "[]");
    const auto in_query =
        parse_server_request(job_kind::postgres_stop, {.query = {{"mode", "immediate"}}}, "main");
    REQUIRE(in_query.has_error());
    CHECK_THAT(in_query.error().hint, ContainsSubstring("body"));
}
