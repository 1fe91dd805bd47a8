#include "config/render.hpp"
#include "loading.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace restpoint::config;

namespace {

/// A schedule of five lines with nothing wrong in it.
std::string good(const std::string& name = "nightly", const std::string& more = "") {
    return "[[schedule]]\nname = \"" + name +
           "\"\naction = \"backup\"\ntype = \"diff\"\ncron = \"30 0 * * *\"\n" + more;
}

/// Every problem of a schedule that is good but for what `line` says.
std::string problems_with(const std::string& line) {
    return problems_of(load_file(good("nightly", line + "\n")));
}

} // namespace

TEST_CASE("a schedule needs four lines, and the rest has defaults", "[config]") {
    const auto found = load_file(good());

    REQUIRE(problems_of(found).empty());
    REQUIRE(found.values.schedules.size() == 1);
    const auto& one = found.values.schedules.front();
    CHECK(one.name == "nightly");
    CHECK(one.action == "backup");
    CHECK(one.type == "diff");
    CHECK(one.cron == "30 0 * * *");
    CHECK(one.time_zone == "UTC");
    CHECK(one.jitter == std::chrono::seconds{0});
    CHECK(one.catch_up);
    CHECK(one.run_on == "primary");
    CHECK_FALSE(one.claim);
    CHECK(one.enabled);
}

TEST_CASE("every key of a schedule is taken, and its line is known", "[config]") {
    const auto found = load_file("[[schedule]]\nenabled = false\nrun_on = \"any\"\nclaim = true\n"
                                 "catch_up = false\njitter_s = 300\n"
                                 "time_zone = \"Europe/Berlin\"\ncron = \"@daily\"\n"
                                 "action = \"verify\"\nname = \"v.1_a-b\"\n");

    REQUIRE(problems_of(found).empty());
    const auto& one = found.values.schedules.at(0);
    CHECK_FALSE(one.enabled);
    CHECK(one.run_on == "any");
    CHECK(one.claim);
    CHECK_FALSE(one.catch_up);
    CHECK(one.jitter == std::chrono::minutes{5});
    CHECK(one.time_zone == "Europe/Berlin");
    CHECK(one.cron == "@daily");
    CHECK(one.action == "verify");
    CHECK(one.type.empty());
    CHECK(one.name == "v.1_a-b");
    CHECK_THAT(one.where, EndsWith("r.toml:1"));
    CHECK_THAT(one.sources.at("schedule.cron"), EndsWith("r.toml:8"));
    CHECK_THAT(one.sources.at("schedule.name"), EndsWith("r.toml:10"));
    CHECK_FALSE(one.sources.contains("schedule.type"));
}

TEST_CASE("schedules keep the order of the file, in either way to write them", "[config]") {
    const auto found =
        load_file("schedule = [{ name = \"b\", action = \"check\", cron = \"@hourly\" },\n"
                  "            { name = \"a\", action = \"check\", cron = \"@daily\" }]\n");

    REQUIRE(problems_of(found).empty());
    REQUIRE(found.values.schedules.size() == 2);
    CHECK(found.values.schedules[0].name == "b");
    CHECK(found.values.schedules[1].name == "a");
    CHECK_THAT(found.values.schedules[1].where, EndsWith("r.toml:2"));
}

TEST_CASE("every problem of a schedule is told at once, each with its line", "[config]") {
    const auto found = load_file("[[schedule]]\n"
                                 "name = \"a b\"\n"
                                 "acton = \"backup\"\n"
                                 "cron = 5\n"
                                 "jitter_s = -1\n"
                                 "catch_up = \"yes\"\n"
                                 "run_on = \"standby\"\n");

    const auto text = problems_of(found);
    REQUIRE(found.problems.size() == 7);
    CHECK_THAT(
        text, ContainsSubstring("r.toml:1: schedule.action is missing: it must be one of "
                                "\"backup\", \"check\", \"verify\", \"expire\"") &&
                  ContainsSubstring("for example action = \"backup\""));
    CHECK_THAT(
        text, ContainsSubstring("r.toml:2: schedule.name = \"a b\" must be a name of letters"));
    CHECK_THAT(
        text, ContainsSubstring("r.toml:3: unknown key 'schedule.acton'") &&
                  ContainsSubstring("did you mean 'schedule.action'?"));
    CHECK_THAT(
        text, ContainsSubstring("r.toml:4: schedule.cron = 5 has the wrong type: it must be five "
                                "fields as in a crontab"));
    CHECK_THAT(
        text, ContainsSubstring("r.toml:5: schedule.jitter_s = -1 must be a whole number from 0 to "
                                "86400"));
    CHECK_THAT(
        text, ContainsSubstring("r.toml:6: schedule.catch_up = \"yes\" has the wrong type: it must "
                                "be true or false"));
    CHECK_THAT(
        text, ContainsSubstring(
                  "r.toml:7: schedule.run_on = \"standby\" must be \"primary\" or \"any\""));
}

TEST_CASE("a schedule without anything misses its name, its action and its time", "[config]") {
    const auto found = load_file("\n[[schedule]]\n");

    REQUIRE(found.problems.size() == 3);
    for (const auto& problem : found.problems) {
        CHECK_THAT(problem.where, EndsWith("r.toml:2"));
        CHECK_THAT(problem.detail, ContainsSubstring(" is missing: it must be "));
    }
}

TEST_CASE("a value of a type that no key has is refused and not repeated at length", "[config]") {
    for (const auto* odd :
         {"time_zone = 1.5", "time_zone = 2026-01-01", "time_zone = [\"UTC\"]",
          "time_zone = { a = 1 }", "time_zone = true"}) {
        CAPTURE(odd);
        CHECK_THAT(
            problems_with(odd), ContainsSubstring("schedule.time_zone = ") &&
                                    ContainsSubstring("has the wrong type: it must be"));
    }
    const auto endless = "time_zone = [\"" + std::string(5000, 'x') + "\"]";
    CHECK(problems_with(endless).size() < 500);
}

TEST_CASE("a name is letters, digits, '-', '_' and '.', and fits", "[config]") {
    const std::string longest(64, 'n');
    for (const auto& name : {std::string("a"), std::string("7"), std::string("A-b_c.d"), longest}) {
        CAPTURE(name);
        CHECK(problems_of(load_file(good(name))).empty());
    }
    for (const auto& name :
         {std::string(), longest + "n", std::string(".."), std::string("-a"), std::string("a/b"),
          std::string("a b"), std::string("ä")}) {
        CAPTURE(name);
        const auto found = load_file(good(name));
        REQUIRE(found.problems.size() == 1);
        CHECK(found.problems[0].key == "schedule.name");
    }
}

TEST_CASE("the names of the old image's schedules are reserved", "[config]") {
    for (const auto* name : {"PG_BACKUP_TIME", "PG_BACKUP_TIME_SUN", "PG_BACKUP_TIMES"}) {
        CAPTURE(name);
        const auto found = load_file(good(name));
        REQUIRE(found.problems.size() == 1);
        CHECK_THAT(found.problems[0].detail, EndsWith("must not begin with PG_BACKUP_TIME"));
    }
    CHECK(load_file(good("MY_PG_BACKUP_TIME")).problems.empty());
}

TEST_CASE(
    "two schedules of one name are refused at the second, which names the first", "[config]") {
    const auto found = load_file(good("a") + good("b") + good("a"));

    REQUIRE(found.problems.size() == 1);
    CHECK_THAT(found.problems[0].where, EndsWith("r.toml:12"));
    CHECK_THAT(
        found.problems[0].detail, EndsWith("already, at " + found.values.schedules[0].where));
}

TEST_CASE("a backup has a type, and nothing else has one", "[config]") {
    const std::string head = "[[schedule]]\nname = \"x\"\ncron = \"@daily\"\n";

    const auto without = load_file(head + "action = \"backup\"\n");
    REQUIRE(without.problems.size() == 1);
    CHECK_THAT(without.problems[0].where, EndsWith("r.toml:1"));
    CHECK_THAT(without.problems[0].detail, StartsWith("schedule.type is missing"));

    for (const std::string action : {"check", "verify", "expire"}) {
        CAPTURE(action);
        const auto with = load_file(head + "type = \"full\"\naction = \"" + action + "\"\n");
        REQUIRE(with.problems.size() == 1);
        CHECK_THAT(with.problems[0].where, EndsWith("r.toml:4"));
        CHECK_THAT(with.problems[0].detail, ContainsSubstring("does not go with"));
        CHECK(load_file(head + "action = \"" + action + "\"\n").problems.empty());
    }
}

TEST_CASE("a wrong type or action is told once, and nothing is concluded from it", "[config]") {
    const std::string head = "[[schedule]]\nname = \"x\"\ncron = \"@daily\"\n";

    CHECK(load_file(head + "action = \"backup\"\ntype = \"fll\"\n").problems.size() == 1);
    CHECK(load_file(head + "action = \"bakup\"\n").problems.size() == 1);
    CHECK(load_file(head + "action = \"bakup\"\ntype = \"full\"\n").problems.size() == 1);
}

TEST_CASE(
    "an expression may have tabs, as a crontab has, but nothing else of the kind", "[config]") {
    const std::string head = "[[schedule]]\nname = \"x\"\naction = \"check\"\n";

    CHECK(load_file(head + "cron = \"30\\t0 * * *\"\n").problems.empty());
    for (const auto* bad : {"", "30 0 * * *\\n", "\\u001b[2J"}) {
        CAPTURE(bad);
        const auto found = load_file(head + "cron = \"" + bad + "\"\n");
        REQUIRE(found.problems.size() == 1);
        CHECK(found.problems[0].detail.find('\x1b') == std::string::npos);
    }
    CHECK(load_file(head + "cron = \"" + std::string(1001, '*') + "\"\n").problems.size() == 1);
}

TEST_CASE("a hundred schedules are taken, one more is refused", "[config]") {
    std::string hundred;
    for (int i = 0; i < 100; ++i) {
        hundred += good("s" + std::to_string(i));
    }
    CHECK(load_file(hundred).problems.empty());

    const auto found = load_file(hundred + good("a") + good("b"));

    REQUIRE(found.problems.size() == 1);
    CHECK_THAT(found.problems[0].where, EndsWith("r.toml:501"));
    CHECK(found.problems[0].detail == "there are 102 schedules, and at most 100 are taken");
}

TEST_CASE("what is no array of tables is refused with the way to write it", "[config]") {
    CHECK_THAT(
        problems_of(load_file("[schedule]\nname = \"x\"\n")),
        ContainsSubstring("r.toml:1: schedule = a table has the wrong type: it must be an array of "
                          "tables: [[schedule]]") &&
            ContainsSubstring("in two brackets"));
    CHECK_THAT(
        problems_of(load_file("schedule = \"@daily\"\n")), ContainsSubstring("an array of tables"));
    CHECK_THAT(
        problems_of(load_file("schedule = [\n5]\n")), ContainsSubstring("r.toml:2: schedule = 5"));
    CHECK_THAT(
        problems_of(load_file("[[shedule]]\nname = \"x\"\n")),
        ContainsSubstring("unknown section 'shedule'") &&
            ContainsSubstring("did you mean [[schedule]]?"));
}

TEST_CASE("who sets a schedule elsewhere is led to the file", "[config]") {
    const auto* const hint = "schedules stand in the file only";

    CHECK_THAT(
        problems_of(load_without_file({"RESTPOINT_SCHEDULE_CRON=@daily"})),
        ContainsSubstring("unknown variable RESTPOINT_SCHEDULE_CRON") && ContainsSubstring(hint));
    CHECK_THAT(
        problems_of(load_without_file({}, {"--schedule.cron=@daily"})),
        ContainsSubstring("unknown flag --schedule.cron") && ContainsSubstring(hint));
    CHECK(load_without_file({"RESTPOINT_SCHEDULER_SERVICE_HOST=10.0.0.1"}).problems.empty());
}

TEST_CASE("shown schedules can be read back and mean the same", "[config]") {
    auto first = load_file(
        good("a") +
        "[[schedule]]\nname = \"b\"\naction = \"expire\"\ncron = \"1\\t2 * * *\"\n"
        "time_zone = \"Europe/Berlin\"\njitter_s = 7\ncatch_up = false\nrun_on = \"any\"\n"
        "claim = true\nenabled = false\n");
    REQUIRE(problems_of(first).empty());

    auto second = load_file(render_show(first));

    REQUIRE(problems_of(second).empty());
    for (auto* all : {&first.values.schedules, &second.values.schedules}) {
        for (auto& one : *all) {
            one.where.clear();
            one.sources.clear();
        }
    }
    CHECK(second.values.schedules == first.values.schedules);
}

TEST_CASE("every value of a shown schedule says where it comes from", "[config]") {
    const auto shown = render_show(load_file(good()));

    CHECK_THAT(shown, ContainsSubstring("\n[[schedule]]\nname = \"nightly\"  # /"));
    CHECK_THAT(shown, ContainsSubstring("r.toml:5\ntime_zone = \"UTC\"  # default\n"));
    CHECK_THAT(shown, ContainsSubstring("\ncatch_up = true  # default\n"));
    const auto check =
        load_file("[[schedule]]\nname = \"x\"\naction = \"check\"\ncron = \"@daily\"");
    CHECK_THAT(render_show(check), ContainsSubstring("\n#type is not set  # default\n"));
}

TEST_CASE("every default of a schedule fulfils its own constraint", "[config]") {
    for (const auto& row : schedule_keys()) {
        CAPTURE(row.name);
        schedule_entry one;
        const auto initial = row.get(one);
        CHECK_FALSE(row.help.empty());
        CHECK(section_of(row.name) == "schedule");
        if (row.needed == presence::optional && initial != value()) {
            CHECK_FALSE(row.set(one, initial));
        }
    }
}
