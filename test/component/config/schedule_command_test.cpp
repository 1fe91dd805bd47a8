#include "base/time_text.hpp"
#include "program.hpp"
#include "support/catch.hpp"

#include <regex>
#include <sstream>

using namespace restpoint;
using test::ended;
using test::run_restpoint;
using test::scratch_folder;

namespace {

ended show(const std::string& toml, const std::vector<std::string>& environment = {}) {
    const scratch_folder folder;
    return run_restpoint(
        {"schedule", "show", "--config", folder.write("r.toml", toml)}, environment);
}

std::string schedule(const std::string& name, const std::string& more) {
    return "[[schedule]]\nname = \"" + name + "\"\n" + more;
}

/// A run as it is shown: its local time with the offset, and its time in UTC.
struct shown_run {
    wall_time local;
    wall_time utc;
    std::string text;
};

std::vector<shown_run> runs_in(const std::string& text) {
    static const std::regex form("(Sun|Mon|Tue|Wed|Thu|Fri|Sat) (\\d{4}-\\d\\d-\\d\\d) "
                                 "(\\d\\d:\\d\\d:\\d\\d) ([+-]\\d\\d:\\d\\d)"
                                 "   (\\d{4}-\\d\\d-\\d\\d) (\\d\\d:\\d\\d:\\d\\d) UTC\n");
    std::vector<shown_run> found;
    for (std::sregex_iterator it(text.begin(), text.end(), form), end; it != end; ++it) {
        const auto& m = *it;
        const auto local = parse_rfc3339(m.str(2) + "T" + m.str(3) + m.str(4));
        const auto utc = parse_rfc3339(m.str(5) + "T" + m.str(6) + "Z");
        REQUIRE(local);
        REQUIRE(utc);
        found.push_back({*local, *utc, m.str()});
    }
    return found;
}

} // namespace

TEST_CASE(
    "each schedule is shown with its next five runs in its zone and in UTC",
    "[component][config]") {
    const auto before = std::chrono::system_clock::now();

    const auto found = show(schedule(
        "weekly", "action = \"backup\"\ntype = \"full\"\ncron = \"30 2 * * SUN\"\n"
                  "time_zone = \"Europe/Berlin\"\njitter_s = 300\n"));

    CAPTURE(found.err);
    REQUIRE(found.exit_code == 0);
    CHECK_THAT(found.out, StartsWith("schedule    weekly\n"));
    CHECK_THAT(found.out, ContainsSubstring("\nruns        full backup, only on the primary"));
    CHECK_THAT(found.out, ContainsSubstring("\ncron        30 2 * * SUN\n"));
    CHECK_THAT(found.out, ContainsSubstring("\ntime zone   Europe/Berlin\n"));
    CHECK_THAT(found.out, ContainsSubstring("\njitter      each run starts up to 300 s later\n"));
    const auto runs = runs_in(found.out);
    REQUIRE(runs.size() == 5);
    auto last = before;
    for (const auto& run : runs) {
        CAPTURE(run.text);
        CHECK(run.local == run.utc);
        CHECK(run.utc > last);
        CHECK_THAT(run.text, StartsWith("Sun "));
        // 02:30 comes each Sunday but on the one in March that skips it.
        CHECK_THAT(
            run.text, ContainsSubstring(" 02:30:00 +0") || ContainsSubstring(" 03:00:00 +02:00"));
        last = run.utc;
    }
    CHECK(runs.back().utc - runs.front().utc < std::chrono::hours{4 * 7 * 24 + 2});
}

TEST_CASE(
    "several schedules are shown in the order of the file, within 100 columns",
    "[component][config]") {
    std::string minutes = "0";
    for (int minute = 1; minute < 60; ++minute) {
        minutes += "," + std::to_string(minute);
    }
    const std::string longest(64, 'n');

    const auto found = show(
        schedule(
            "z", "action = \"check\"\ncron = \"@hourly\"\nrun_on = \"any\"\n"
                 "catch_up = false\n") +
        schedule(
            longest, "action = \"verify\"\ncron = \"" + minutes +
                         "\\t* * * *\"\n"
                         "time_zone = \"America/North_Dakota/New_Salem\"\n"));

    CAPTURE(found.out);
    REQUIRE(found.exit_code == 0);
    CHECK_THAT(found.out, StartsWith("schedule    z\n"));
    CHECK_THAT(found.out, ContainsSubstring("runs        check, anywhere, no missed run is"));
    CHECK_THAT(found.out, ContainsSubstring("\n\nschedule    " + longest + "\nruns        verify"));
    CHECK(runs_in(found.out).size() == 10);
    std::istringstream lines(found.out);
    for (std::string line; std::getline(lines, line);) {
        CHECK(line.size() <= 100);
        CHECK_FALSE(line.ends_with(' '));
    }
    const std::regex layout("\n +");
    CHECK_THAT(
        std::regex_replace(found.out, layout, ""), ContainsSubstring("cron        " + minutes));
}

TEST_CASE("a disabled schedule says so and has no next run", "[component][config]") {
    const auto found =
        show(schedule("off", "action = \"expire\"\ncron = \"@monthly\"\nenabled = false\n"));

    CHECK(found.exit_code == 0);
    CHECK_THAT(
        found.out, ContainsSubstring("next runs   none: it is disabled (enabled = false)\n"));
    CHECK(runs_in(found.out).empty());
}

TEST_CASE(
    "the variables of the old image are shown as the schedules they make", "[component][config]") {
    const auto found =
        show("", {"PG_BACKUP_TIME=01:10", "PG_BACKUP_TIME_SUN=23:00", "TZ=Asia/Tokyo"});

    CAPTURE(found.out);
    REQUIRE(found.exit_code == 0);
    CHECK_THAT(
        found.out, StartsWith("schedule    PG_BACKUP_TIME_SUN\nruns        full backup") &&
                       ContainsSubstring("\n\nschedule    PG_BACKUP_TIME_SAT\nruns        diff"));
    CHECK_THAT(found.out, ContainsSubstring("\ntime zone   Asia/Tokyo\n"));
    const auto runs = runs_in(found.out);
    REQUIRE(runs.size() == 7 * 5);
    for (const auto& run : runs) {
        CAPTURE(run.text);
        CHECK(run.local == run.utc);
        CHECK(run.text.starts_with("Sun ") == (run.text.find(" 23:00:00 ") != std::string::npos));
    }
}

TEST_CASE("without a schedule that is said", "[component][config]") {
    const auto found = show("");

    CHECK(found.exit_code == 0);
    CHECK_THAT(found.out, StartsWith("there are no schedules"));
}

TEST_CASE(
    "variables that a schedule of the file puts out of force are named", "[component][config]") {
    const auto found =
        show(schedule("a", "action = \"check\"\ncron = \"@daily\"\n"), {"PG_BACKUP_TIME=25:00"});

    CHECK(found.exit_code == 0);
    CHECK_THAT(found.out, ContainsSubstring("PG_BACKUP_TIME and its like are set and not used"));
}

TEST_CASE("what is wrong with times is told at its line, beside all else", "[component][config]") {
    const scratch_folder folder;
    const auto file = folder.write(
        "r.toml", "[[schedule]]\nname = \"a\"\naction = \"backup\"\n"
                  "cron = \"0 30 2 * * SUN\"\ntime_zone = \"Europe/Berln\"\n"
                  "[[schedule]]\nname = \"b\"\naction = \"chck\"\ncron = \"*/5 * * * *\"\n"
                  "jitter_s = 300\n"
                  "[postgres]\nport = 0\n");

    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"config", "check"}, {"schedule", "show"}, {"serve"}}) {
        auto arguments = command;
        arguments.insert(arguments.end(), {"--config", file});
        const auto found = run_restpoint(arguments, {});

        CAPTURE(command, found.err);
        CHECK(found.exit_code == (command.front() == "config" ? 1 : 2));
        CHECK(found.out.empty());
        CHECK_THAT(found.err, ContainsSubstring(file + ":1: schedule.type is missing"));
        CHECK_THAT(
            found.err, ContainsSubstring(file + ":4: schedule.cron '0 30 2 * * SUN'") &&
                           ContainsSubstring("'0', would be seconds"));
        CHECK_THAT(found.err, ContainsSubstring(file + ":5: schedule.time_zone: "));
        CHECK_THAT(found.err, ContainsSubstring(file + ":8: schedule.action = \"chck\""));
        CHECK_THAT(found.err, ContainsSubstring(file + ":10: schedule.jitter_s 300"));
        CHECK_THAT(found.err, ContainsSubstring(file + ":12: postgres.port = 0"));
    }
}

TEST_CASE(
    "variables of the old image that are wrong are problems like others", "[component][config]") {
    const auto check = run_restpoint(
        {"config", "check"}, {"PG_BACKUP_TIME_THU=01:00", "PG_BACKUP_TIME=25:00", "PATH=/bin"});

    CHECK(check.exit_code == 1);
    CHECK_THAT(
        check.err, ContainsSubstring("environment: ") && ContainsSubstring("PG_BACKUP_TIME_THU") &&
                       ContainsSubstring("25:00"));
    CHECK(run_restpoint({"schedule", "show"}, {"PG_BACKUP_TIME=25:00"}).exit_code == 2);
}

TEST_CASE("schedule takes one word", "[component][config]") {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"schedule"}, {"schedule", "frob"}}) {
        const auto found = run_restpoint(arguments);
        CHECK(found.exit_code == 2);
        CHECK(found.out.empty());
        CHECK_THAT(found.err, StartsWith("restpoint: ") && ContainsSubstring("schedule show"));
    }
    CHECK(run_restpoint({"schedule", "show", "--frob"}).exit_code == 2);
    CHECK_THAT(
        run_restpoint({"--help"}).out,
        ContainsSubstring("\n  schedule show         each schedule"));
}
