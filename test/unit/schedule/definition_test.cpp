#include "schedule/definition.hpp"
#include "support/catch.hpp"

using namespace restpoint;
using namespace restpoint::schedule;
using namespace std::chrono_literals;

namespace {

definition_text a_text() {
    definition_text text;
    text.name = "nightly";
    text.type = "diff";
    text.cron = "30 2 * * MON-SAT";
    text.time_zone = "Europe/Berlin";
    return text;
}

failure refusal_of(const definition_text& text) {
    const auto made = make_definition(text);
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == errc::invalid);
    CHECK_FALSE(made.error().hint.empty());
    return made.error();
}

} // namespace

TEST_CASE("a definition is made of texts", "[schedule]") {
    auto text = a_text();
    text.jitter = 5min;
    text.catch_up = false;
    text.run_on = "any";
    text.claim = true;

    const auto made = make_definition(text).value();

    CHECK(made.name == "nightly");
    CHECK(made.what == action::backup);
    CHECK(made.type == backrest::backup_type::diff);
    CHECK(made.when == parse_cron("30 2 * * 1-6").value());
    CHECK(made.expression == "30 2 * * MON-SAT");
    CHECK(made.zone.name() == "Europe/Berlin");
    CHECK(made.jitter == 5min);
    CHECK_FALSE(made.catch_up);
    CHECK(made.where == run_on::any);
    CHECK(made.claim);
}

TEST_CASE("what a definition does not say is the safe choice", "[schedule]") {
    const auto made = make_definition({.name = "n", .type = "full", .cron = "@daily"}).value();

    CHECK(made.what == action::backup);
    CHECK(made.zone == clocks{});
    CHECK(made.jitter == 0s);
    CHECK(made.catch_up);
    CHECK(made.where == run_on::primary);
    CHECK_FALSE(made.claim);
}

TEST_CASE("every action has a name", "[schedule]") {
    for (const auto* name : {"backup", "check", "verify", "expire"}) {
        definition_text text{.name = "n", .action = name, .cron = "@daily"};
        if (text.action == "backup") {
            text.type = "incr";
        }
        CHECK(to_string(make_definition(text).value().what) == name);
    }
    CHECK(to_string(run_on::primary) == "primary");
    CHECK(to_string(run_on::any) == "any");
}

TEST_CASE("a backup needs a type, and nothing else has one", "[schedule]") {
    auto text = a_text();
    text.type = std::nullopt;
    CHECK(refusal_of(text).detail == "type is missing");
    text.type = "weekly";
    CHECK(refusal_of(text).detail == "type 'weekly' is not known");
    text.type = "full";
    text.action = "check";
    CHECK(refusal_of(text).detail == "type 'full' stands beside action 'check'");
}

TEST_CASE("a schedule's name is short and plain", "[schedule]") {
    auto text = a_text();
    for (const std::string& name :
         {std::string(), std::string("a b"), std::string("a/b"), std::string("\xC3\xA4"),
          std::string("a\n"), std::string(65, 'a')}) {
        CAPTURE(name);
        text.name = name;
        CHECK_THAT(refusal_of(text).detail, StartsWith("name '"));
    }
    text.name = std::string(64, 'a');
    CHECK(make_definition(text).has_value());
    text.name = "A-z_0.9";
    CHECK(make_definition(text).has_value());
}

TEST_CASE("jitter stays below the distance between two runs", "[schedule]") {
    auto text = a_text();
    text.cron = "*/10 * * * *";
    text.jitter = 599s;
    CHECK(make_definition(text).has_value());
    text.jitter = 600s;
    CHECK(refusal_of(text).detail == "jitter_s 600 is not below the 600 s between two runs");
    CHECK(refusal_of(text).hint == "jitter_s is at most 599");
    text.jitter = -1s;
    CHECK(refusal_of(text).detail == "jitter_s -1 is negative");
}

TEST_CASE("all problems of a definition are told at once", "[schedule]") {
    const auto refused = refusal_of(
        {.name = "a b",
         .action = "drill",
         .type = std::nullopt,
         .cron = "0 2 * *",
         .time_zone = "Mars/Olympus",
         .jitter = -1s,
         .catch_up = true,
         .run_on = "standby"});

    CHECK(
        refused.detail == "name 'a b' cannot be a schedule's; action 'drill' is not known; "
                          "cron '0 2 * *': has 4 fields instead of five; "
                          "time_zone: time zone 'Mars/Olympus' is not known; "
                          "jitter_s -1 is negative; run_on 'standby' is not known");
    CHECK_THAT(refused.hint, ContainsSubstring("action is one of backup, check, verify, expire"));
    CHECK_THAT(refused.hint, ContainsSubstring("run_on is one of primary, any"));
}

TEST_CASE("memory holds for the same expression and zone, however spelt", "[schedule]") {
    const auto before = make_definition(a_text()).value();
    auto text = a_text();
    text.cron = "30  2 * * 1,2,3,4,5,6";
    text.type = "full";
    text.jitter = 60s;
    CHECK(fingerprint(make_definition(text).value()) == fingerprint(before));
    CHECK(fingerprint(before) == "30 2 * * 1-6 Europe/Berlin");

    text.cron = "31 2 * * MON-SAT";
    CHECK(fingerprint(make_definition(text).value()) != fingerprint(before));
    text.cron = a_text().cron;
    text.time_zone = "Europe/Paris";
    CHECK(fingerprint(make_definition(text).value()) != fingerprint(before));
}
