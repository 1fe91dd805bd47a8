#include "api/backup_request.hpp"
#include "support/catch.hpp"

namespace restpoint::api {

TEST_CASE("a backup is asked for with type, annotations, repo and queue", "[unit][api]") {
    const auto asked = parse_backup_request(
        R"({"type":"diff","annotations":{"reason":"before the upgrade"},"repo":2,"queue":true})",
        "main");

    REQUIRE(asked.has_value());
    CHECK(asked->what.kind == jobs::job_kind::backup);
    CHECK(asked->what.stanza == "main");
    CHECK(asked->what.type == backrest::backup_type::diff);
    CHECK(
        asked->what.annotations ==
        std::map<std::string, std::string>{{"reason", "before the upgrade"}});
    CHECK(asked->what.repo == 2);
    CHECK(asked->mode == jobs::when_busy::queue);
}

TEST_CASE("only the type must be there, and a busy stanza refuses", "[unit][api]") {
    const auto asked =
        parse_backup_request(R"({"type":"full","repo":null,"annotations":null})", "main");

    REQUIRE(asked.has_value());
    CHECK(asked->mode == jobs::when_busy::refuse);
    CHECK_FALSE(asked->what.repo);
    CHECK(asked->what.annotations.empty());
}

TEST_CASE("a member that cannot be is refused by its name", "[unit][api]") {
    const auto [body, member] = GENERATE(table<std::string, std::string>(
        {{R"({})", "type"},
         {R"({"type":"delta"})", "type"},
         {R"({"type":7})", "type"},
         {R"({"type":"full","annotations":["a"]})", "annotations"},
         {R"({"type":"full","annotations":{"a":1}})", "annotations.a"},
         {R"({"type":"full","annotations":{"--pg1-path":"x y="},"repo":0})", "repo"},
         {R"({"type":"full","repo":257})", "repo"},
         {R"({"type":"full","repo":1.5})", "repo"},
         {R"({"type":"full","repo":"1"})", "repo"},
         {R"({"type":"full","queue":"yes"})", "queue"},
         {R"({"type":"full","anotations":{}})", "anotations"}}));
    INFO(body);

    const auto asked = parse_backup_request(body, "main");

    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().code == errc::invalid);
    CHECK_THAT(asked.error().detail, ContainsSubstring("'" + member + "'"));
    CHECK_FALSE(asked.error().hint.empty());
}

TEST_CASE("an annotation that could not stand on a command line is refused", "[unit][api]") {
    const auto* const body = GENERATE(
        R"({"type":"full","annotations":{"two words":"x"}})",
        R"({"type":"full","annotations":{"key":"line\nbreak"}})",
        R"({"type":"full","annotations":{"":"x"}})");
    INFO(body);

    const auto asked = parse_backup_request(body, "main");

    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().code == errc::invalid);
}

TEST_CASE("what is not a JSON object is refused with an example", "[unit][api]") {
    const auto* const body = GENERATE("", "type=full", "[]", "\"full\"", "{\"type\":\"full\"} x");
    INFO(body);

    const auto asked = parse_backup_request(body, "main");

    REQUIRE_FALSE(asked.has_value());
    CHECK_THAT(asked.error().detail, ContainsSubstring("body"));
    CHECK_THAT(asked.error().hint, ContainsSubstring("{\"type\": \"full\"}"));
}

} // namespace restpoint::api
