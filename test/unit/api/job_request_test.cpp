#include "api/job_request.hpp"
#include "requests.hpp"
#include "support/catch.hpp"

namespace restpoint::api {

using jobs::job_kind;

namespace {

result<job_request> parse_backup(std::string_view body) {
    return parse_job_request(job_kind::backup, body, "main");
}

} // namespace

TEST_CASE("a backup is asked for with type, annotations, repo and queue", "[unit][api]") {
    const auto asked = parse_backup(
        R"({"type":"diff","annotations":{"reason":"before the upgrade"},"repo":2,"queue":true})");

    REQUIRE(asked.has_value());
    CHECK(asked->what.kind == job_kind::backup);
    CHECK(asked->what.stanza == "main");
    CHECK(asked->what.type == backrest::backup_type::diff);
    CHECK(
        asked->what.annotations ==
        std::map<std::string, std::string>{{"reason", "before the upgrade"}});
    CHECK(asked->what.repo == 2);
    CHECK(asked->mode == jobs::when_busy::queue);
}

TEST_CASE("only the type must be there, and a busy stanza refuses", "[unit][api]") {
    const auto asked = parse_backup(R"({"type":"full","repo":null,"annotations":null})");

    REQUIRE(asked.has_value());
    CHECK(asked->mode == jobs::when_busy::refuse);
    CHECK_FALSE(asked->what.repo);
    CHECK(asked->what.annotations.empty());
}

TEST_CASE("a member that cannot be is refused by its name", "[unit][api]") {
    const auto [body, member] = GENERATE(table<std::string, std::string>(
        {{"", "type"},
         {R"({})", "type"},
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

    const auto asked = parse_backup(body);

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

    const auto asked = parse_backup(body);

    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().code == errc::invalid);
}

TEST_CASE("what is not a JSON object is refused with an example", "[unit][api]") {
    const auto kind = GENERATE(job_kind::backup, job_kind::check);
    const auto* const body = GENERATE("type=full", "[]", "\"full\"", "{\"queue\":true} x", " ");
    INFO(body);

    const auto asked = parse_job_request(kind, body, "main");

    REQUIRE_FALSE(asked.has_value());
    CHECK_THAT(asked.error().detail, ContainsSubstring("body"));
    CHECK_THAT(
        asked.error().hint,
        ContainsSubstring(kind == job_kind::backup ? "{\"type\": \"full\"}" : "{\"queue\": true}"));
}

TEST_CASE("what is not a backup needs no body", "[unit][api]") {
    const auto kind = GENERATE(
        job_kind::check, job_kind::verify, job_kind::expire, job_kind::stanza_create,
        job_kind::stanza_upgrade);
    const auto* const body = GENERATE("", "{}");

    const auto asked = parse_job_request(kind, body, "main");

    REQUIRE(asked.has_value());
    jobs::job_spec expected;
    expected.kind = kind;
    expected.stanza = "main";
    CHECK(asked->what == expected);
    CHECK(asked->mode == jobs::when_busy::refuse);
}

TEST_CASE("a kind takes what its command takes, and nothing else", "[unit][api]") {
    const auto kind =
        GENERATE(job_kind::check, job_kind::verify, job_kind::expire, job_kind::stanza_create);
    const bool has_repo = kind == job_kind::verify || kind == job_kind::expire;

    const auto queued = parse_job_request(kind, R"({"queue":true})", "main");
    REQUIRE(queued.has_value());
    CHECK(queued->mode == jobs::when_busy::queue);

    const auto repo = parse_job_request(kind, R"({"repo":2})", "main");
    REQUIRE(repo.has_value() == has_repo);
    if (has_repo) {
        CHECK(repo->what.repo == 2);
    } else {
        CHECK_THAT(repo.error().detail, ContainsSubstring("'repo'"));
        CHECK(repo.error().hint == "allowed: queue");
    }

    const auto type = parse_job_request(kind, R"({"type":"full"})", "main");
    REQUIRE_FALSE(type.has_value());
    CHECK_THAT(type.error().detail, ContainsSubstring("'type'"));
}

TEST_CASE("where the job is known, the body only says whether to wait", "[unit][api]") {
    CHECK(parse_queue_request("").value() == jobs::when_busy::refuse);
    CHECK(parse_queue_request(R"({"queue":false})").value() == jobs::when_busy::refuse);
    CHECK(parse_queue_request(R"({"queue":true})").value() == jobs::when_busy::queue);

    const auto odd = parse_queue_request(R"({"repo":1})");
    REQUIRE_FALSE(odd.has_value());
    CHECK_THAT(odd.error().detail, ContainsSubstring("'repo'"));
}

TEST_CASE("annotations are changed, and taken away by null", "[unit][api]") {
    const auto asked = parse_annotate_request(
        R"({"annotations":{"ticket":"OPS-7","old":null,"--x":"--set=y"},"repo":2,"queue":true})",
        "main", "20261122-064235F");

    REQUIRE(asked.has_value());
    CHECK(asked->what.kind == job_kind::annotate);
    CHECK(asked->what.stanza == "main");
    CHECK(asked->what.set == "20261122-064235F");
    CHECK(
        asked->what.annotations ==
        std::map<std::string, std::string>{{"ticket", "OPS-7"}, {"old", ""}, {"--x", "--set=y"}});
    CHECK(asked->what.repo == 2);
    CHECK(asked->mode == jobs::when_busy::queue);
}

TEST_CASE("a change of annotations that cannot be is refused", "[unit][api]") {
    const auto [body, detail] = GENERATE(table<std::string, std::string>(
        {{"", "no annotation to change"},
         {"{}", "no annotation to change"},
         {R"({"annotations":{}})", "no annotation to change"},
         {R"({"annotations":null})", "'annotations'"},
         {R"({"annotations":{"a":1}})", "'annotations.a'"},
         {R"({"annotations":{"a":""}})", "'annotations.a' is empty"},
         {R"({"annotations":{"a b":"x"}})", "annotation key 'a b'"},
         {R"({"annotations":{"a":"x\ny"}})", "control character"},
         {R"({"annotations":{"a":"x"},"set":"y"})", "'set' is not known"},
         {"annotations", "not JSON"}}));
    INFO(body);

    const auto asked = parse_annotate_request(body, "main", "20261122-064235F");

    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().code == errc::invalid);
    CHECK_THAT(asked.error().detail, ContainsSubstring(detail));
    CHECK_FALSE(asked.error().hint.empty());
    CHECK_FALSE(parse_annotate_request(R"({"annotations":{"a":"x"}})", "main", "latest"));
}

namespace {

http::request removal(pairs query, std::string body = {}) {
    auto asked = get("/", {}, std::move(query));
    asked.verb = http::method::delete_;
    asked.body = std::move(body);
    return asked;
}

} // namespace

TEST_CASE("a set is expired in earnest unless a dry run is asked for", "[unit][api]") {
    const auto plain = parse_removal(removal({}), "main", "20261122-064235F");
    const auto dry = parse_removal(
        removal({{"dry_run", "true"}, {"repo", "2"}, {"queue", "true"}}), "main",
        "20261122-064235F");

    REQUIRE(plain.has_value());
    CHECK(plain->what.kind == job_kind::expire);
    CHECK(plain->what.set == "20261122-064235F");
    CHECK_FALSE(plain->what.dry_run);
    CHECK_FALSE(plain->what.repo);
    CHECK(plain->mode == jobs::when_busy::refuse);
    REQUIRE(dry.has_value());
    CHECK(dry->what.dry_run);
    CHECK(dry->what.repo == 2);
    CHECK(dry->mode == jobs::when_busy::queue);
}

TEST_CASE("what is not understood removes nothing", "[unit][api]") {
    const auto query = GENERATE(
        as<pairs>(), pairs{{"dryrun", "true"}}, pairs{{"dry_run", "yes"}}, pairs{{"queue", "x"}},
        pairs{{"repo", "0"}}, pairs{{"repo", "257"}}, pairs{{"repo", "--all"}},
        pairs{{"dry_run", "false"}, {"dry_run", "true"}});

    const auto asked = parse_removal(removal(query), "main", "20261122-064235F");

    REQUIRE_FALSE(asked.has_value());
    CHECK(asked.error().code == errc::invalid);
    CHECK_THAT(asked.error().detail, ContainsSubstring("'" + query.front().first + "'"));
    CHECK_FALSE(parse_removal(removal({}, R"({"dry_run":true})"), "main", "20261122-064235F"));
    CHECK_FALSE(parse_removal(removal({}), "main", "20261122-064235F_"));
}

} // namespace restpoint::api
