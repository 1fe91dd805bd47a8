#include "api/parameters.hpp"
#include "api/text.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {

TEST_CASE("a job id is a positive number and nothing else", "[unit][api]") {
    CHECK(parse_job_id("1") == 1);
    CHECK(parse_job_id("9223372036854775807") == 9223372036854775807);
    const auto* const bad = GENERATE(
        "", "0", "-1", "+1", "01", "1x", " 1", "1 ", "0x1", "9223372036854775808", "..", "abc");
    INFO(bad);
    CHECK_FALSE(parse_job_id(bad));
}

TEST_CASE("a switch is true, 1 or bare, false or 0, and no other word", "[unit][api]") {
    const auto value_of = [](const std::string& text) {
        return flag_parameter(get("/", {}, {{"follow", text}}), "follow");
    };
    CHECK(value_of("true").value());
    CHECK(value_of("1").value());
    CHECK(value_of("").value());
    CHECK_FALSE(value_of("false").value());
    CHECK_FALSE(value_of("0").value());
    CHECK_FALSE(flag_parameter(get("/"), "follow").value());

    const auto odd = value_of("maybe");
    REQUIRE_FALSE(odd.has_value());
    CHECK(odd.error().code == errc::invalid);
    CHECK_THAT(odd.error().detail, ContainsSubstring("'follow'") && ContainsSubstring("'maybe'"));
}

TEST_CASE("a level that is none is refused with the ones there are", "[unit][api]") {
    const auto detail = level_parameter(get("/", {}, {{"level", "detail"}}));
    const auto none = level_parameter(get("/"));
    const auto bad = level_parameter(get("/", {}, {{"level", "loud"}}));

    CHECK(detail.value() == backrest::log_level::detail);
    CHECK(none.value() == std::nullopt);
    REQUIRE_FALSE(bad.has_value());
    CHECK_THAT(bad.error().detail, ContainsSubstring("'loud'"));
    CHECK_THAT(bad.error().hint, ContainsSubstring("detail"));
}

TEST_CASE("waiting is asked for by a parameter or by Prefer", "[unit][api]") {
    const auto prefers = [](const std::string& value) {
        return wants_to_wait(get("/", {{"prefer", value}})).value();
    };
    CHECK(prefers("wait"));
    CHECK(prefers("respond-async, WAIT=100"));
    CHECK(prefers("wait; foo=bar"));
    CHECK_FALSE(prefers("respond-async"));
    CHECK_FALSE(prefers("waiter"));
    CHECK(wants_to_wait(get("/", {}, {{"wait", "true"}})).value());
    CHECK_FALSE(wants_to_wait(get("/")).value());
    // What stands in the address counts more.
    CHECK_FALSE(wants_to_wait(get("/", {{"prefer", "wait"}}, {{"wait", "false"}})).value());
    CHECK_FALSE(wants_to_wait(get("/", {}, {{"wait", "soon"}})).has_value());
}

TEST_CASE("how long somebody prefers to wait is read and bounded", "[unit][api]") {
    using std::chrono::seconds;
    const auto prefers = [](const std::string& value) {
        return preferred_wait(get("/", {{"prefer", value}}));
    };
    CHECK(prefers("wait=10") == seconds{10});
    CHECK(prefers("respond-async , WAIT = \"7\" ; x=y, wait=3") == seconds{7});
    CHECK(prefers("wait=0") == seconds{0});
    CHECK(prefers("wait=61") == seconds{60});
    CHECK(prefers("wait=18446744073709551615") == seconds{60});
    CHECK(prefers("wait=soon, wait=2") == seconds{2});
    CHECK(preferred_wait(get("/", {{"prefer", "x"}, {"prefer", "wait=4"}})) == seconds{4});
    CHECK_FALSE(preferred_wait(get("/")));
    const auto* const none = GENERATE(
        "", "wait", "wait=", "wait=-1", "wait=1.5", "wait=\"\"", "waiter=5", "x;wait=5",
        "wait=18446744073709551616");
    CAPTURE(none);
    CHECK_FALSE(prefers(none));
}

TEST_CASE("a list is filtered by state, kind, stanza, limit and cursor", "[unit][api]") {
    const auto filter = job_filter_of(
        get("/", {},
            {{"state", "failed"},
             {"kind", "stanza-create"},
             {"stanza", "main"},
             {"limit", "500"},
             {"cursor", "17"}}));

    REQUIRE(filter.has_value());
    CHECK(filter->state == jobs::job_state::failed);
    CHECK(filter->kind == jobs::job_kind::stanza_create);
    CHECK(filter->stanza == "main");
    CHECK(filter->limit == 500);
    CHECK(filter->before == 17);
}

TEST_CASE("a filter that cannot be is refused by its name", "[unit][api]") {
    const auto [name, value] = GENERATE(table<std::string, std::string>(
        {{"state", "done"},
         {"kind", "restores"},
         {"limit", "0"},
         {"limit", "501"},
         {"limit", "-1"},
         {"limit", "ten"},
         {"cursor", "0"},
         {"cursor", "x"}}));

    const auto filter = job_filter_of(get("/", {}, {{name, value}}));

    REQUIRE_FALSE(filter.has_value());
    CHECK_THAT(
        filter.error().detail, ContainsSubstring("'" + name + "'") && ContainsSubstring(value));
    CHECK_FALSE(filter.error().hint.empty());
}

TEST_CASE("a field of a form is found whole, not as a part of another name", "[unit][api]") {
    CHECK(form_field("token=abc", "token") == "abc");
    CHECK(form_field("a=1&token=abc&b=2", "token") == "abc");
    CHECK(form_field("mytoken=abc", "token").empty());
    CHECK(form_field("token", "token").empty());
    CHECK(form_field("", "token").empty());
}

TEST_CASE("durations and sizes are told in the unit that fits", "[unit][api]") {
    using namespace std::chrono;
    CHECK(duration_text(milliseconds{900}) == "0 s");
    CHECK(duration_text(seconds{-5}) == "0 s");
    CHECK(duration_text(seconds{59}) == "59 s");
    CHECK(duration_text(seconds{252}) == "4 min 12 s");
    CHECK(duration_text(minutes{125}) == "2 h 5 min");
    CHECK(duration_text(hours{76}) == "3 d 4 h");
    CHECK(size_text(1023) == "1023 B");
    CHECK(size_text(1536) == "1.5 KiB");
    CHECK(size_text(std::uint64_t{1} << 40U) == "1.0 TiB");
    CHECK(size_text(~std::uint64_t{0}) == "16.0 EiB");
}

} // namespace restpoint::api
