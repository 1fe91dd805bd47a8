#include "schedule/cron.hpp"
#include "support/catch.hpp"

#include <utility>

using namespace restpoint;
using namespace restpoint::schedule;

namespace {

std::uint64_t bits(std::initializer_list<int> values) {
    std::uint64_t all = 0;
    for (const int value : values) {
        all |= std::uint64_t{1} << value;
    }
    return all;
}

failure refusal_of(std::string_view text) {
    const auto parsed = parse_cron(text);
    REQUIRE_FALSE(parsed.has_value());
    return parsed.error();
}

/// The refusal without what every one begins with.
std::string why(std::string_view text) {
    const auto refused = refusal_of(text);
    CHECK(refused.code == errc::invalid);
    CHECK_FALSE(refused.hint.empty());
    const auto begin = "cron '" + std::string(text) + "': ";
    CHECK_THAT(refused.detail, StartsWith(begin));
    return refused.detail.substr(std::min(begin.size(), refused.detail.size()));
}

} // namespace

TEST_CASE("five asterisks are every minute", "[schedule]") {
    CHECK(parse_cron("* * * * *").value() == cron{});
}

TEST_CASE("each field sets its own bits", "[schedule]") {
    const auto parsed = parse_cron("30 2 15 6 5").value();

    CHECK(parsed.minutes == bits({30}));
    CHECK(parsed.hours == bits({2}));
    CHECK(parsed.days == bits({15}));
    CHECK(parsed.months == bits({6}));
    CHECK(parsed.weekdays == bits({5}));
    CHECK_FALSE(parsed.any_day);
    CHECK_FALSE(parsed.any_weekday);
}

TEST_CASE("the ends of each field are values", "[schedule]") {
    const auto parsed = parse_cron("0,59 0,23 1,31 1,12 0,6").value();

    CHECK(parsed.minutes == bits({0, 59}));
    CHECK(parsed.hours == bits({0, 23}));
    CHECK(parsed.days == bits({1, 31}));
    CHECK(parsed.months == bits({1, 12}));
    CHECK(parsed.weekdays == bits({0, 6}));
}

TEST_CASE("lists, ranges and steps say which values are meant", "[schedule]") {
    const std::pair<const char*, std::uint64_t> minutes[] = {
        {"5", bits({5})},
        {"05", bits({5})},
        {"1,2,3", bits({1, 2, 3})},
        {"3,1,3", bits({1, 3})},
        {"10-13", bits({10, 11, 12, 13})},
        {"10-10", bits({10})},
        {"*/20", bits({0, 20, 40})},
        {"*/59", bits({0, 59})},
        {"*/1", cron{}.minutes},
        {"0-59", cron{}.minutes},
        {"10-20/5", bits({10, 15, 20})},
        {"10-19/5", bits({10, 15})},
        {"0-10/5,30,40-41", bits({0, 5, 10, 30, 40, 41})}};
    for (const auto& [text, expected] : minutes) {
        CAPTURE(text);
        CHECK(parse_cron(std::string(text) + " * * * *").value().minutes == expected);
    }
}

TEST_CASE("months and days of the week have names in any case", "[schedule]") {
    CHECK(parse_cron("0 0 * JAN,feb,Mar *").value().months == bits({1, 2, 3}));
    CHECK(parse_cron("0 0 * oct-DEC *").value().months == bits({10, 11, 12}));
    CHECK(parse_cron("0 0 * JAN-DEC/3 *").value().months == bits({1, 4, 7, 10}));
    CHECK(parse_cron("0 0 * * SUN,wed").value().weekdays == bits({0, 3}));
    CHECK(parse_cron("0 0 * * mon-FRI").value().weekdays == bits({1, 2, 3, 4, 5}));
}

TEST_CASE("0, 7 and SUN are Sunday", "[schedule]") {
    for (const auto* text : {"0", "7", "SUN", "sun", "0,7", "7-7", "0-0"}) {
        CAPTURE(text);
        CHECK(parse_cron(std::string("0 0 * * ") + text).value().weekdays == bits({0}));
    }
    CHECK(parse_cron("0 0 * * 5-7").value().weekdays == bits({0, 5, 6}));
    CHECK(parse_cron("0 0 * * FRI-SUN").value().weekdays == bits({0, 5, 6}));
    CHECK(parse_cron("0 0 * * SUN-TUE").value().weekdays == bits({0, 1, 2}));
    CHECK(parse_cron("0 0 * * 1-7/2").value().weekdays == bits({0, 1, 3, 5}));
    CHECK(parse_cron("0 0 * * 0-7").value().weekdays == cron{}.weekdays);
    CHECK(parse_cron("0 0 * * */2").value().weekdays == bits({0, 2, 4, 6}));
}

TEST_CASE("only an asterisk leaves the day to the other field", "[schedule]") {
    CHECK(parse_cron("0 0 * * MON").value().any_day);
    CHECK(parse_cron("0 0 */1 * MON").value().any_day);
    CHECK(parse_cron("0 0 13 * *").value().any_weekday);
    CHECK_FALSE(parse_cron("0 0 1-31 * MON").value().any_day);
    CHECK_FALSE(parse_cron("0 0 13 * 0-6").value().any_weekday);
    CHECK_FALSE(parse_cron("0 0 */2 * *").value().any_day);
}

TEST_CASE("each form with an at sign has five fields", "[schedule]") {
    const std::pair<const char*, const char*> forms[] = {
        {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
        {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
        {"@hourly", "0 * * * *"}};
    for (const auto& [form, fields] : forms) {
        CAPTURE(form);
        CHECK(parse_cron(form).value() == parse_cron(fields).value());
        CHECK(to_text(parse_cron(form).value()) == fields);
    }
}

TEST_CASE("blanks between fields may be any number of spaces and tabs", "[schedule]") {
    CHECK(parse_cron(" \t 1  2\t3 4\t\t*  ").value() == parse_cron("1 2 3 4 *").value());
}

TEST_CASE("what is out of range is refused with the range", "[schedule]") {
    CHECK(why("60 * * * *") == "minute '60' is out of range");
    CHECK(refusal_of("60 * * * *").hint == "write 0 to 59");
    CHECK(why("* 24 * * *") == "hour '24' is out of range");
    CHECK(why("* * 0 * *") == "day of month '0' is out of range");
    CHECK(why("* * 32 * *") == "day of month '32' is out of range");
    CHECK(why("* * * 0 *") == "month '0' is out of range");
    CHECK(why("* * * 13 *") == "month '13' is out of range");
    CHECK(refusal_of("* * * 13 *").hint == "write 1 to 12, or JAN to DEC");
    CHECK(why("* * * * 8") == "day of week '8' is out of range");
    CHECK(refusal_of("* * * * 8").hint == "write 0 to 7, or SUN to SAT");
    CHECK(why("0-60 * * * *") == "minute '60' is out of range");
    CHECK(why("99999999999999999999 * * * *") == "minute '99999999999999999999' is out of range");
}

TEST_CASE("what is not a value is refused with what is one", "[schedule]") {
    CHECK(why("x * * * *") == "minute 'x' is not a value");
    CHECK(why("-5 * * * *") == "minute '' is not a value");
    CHECK(why("5- * * * *") == "minute '' is not a value");
    CHECK(why(", * * * *") == "minute '' is not a value");
    CHECK(why("1, * * * *") == "minute '' is not a value");
    CHECK(why("1,,2 * * * *") == "minute '' is not a value");
    CHECK(why("+5 * * * *") == "minute '+5' is not a value");
    CHECK(why("1.5 * * * *") == "minute '1.5' is not a value");
    CHECK(why("** * * * *") == "minute '**' is not a value");
    CHECK(why("MON * * * *") == "minute 'MON' is not a value");
    CHECK(why("* * * MON *") == "month 'MON' is not a value");
    CHECK(why("* * * * MONDAY") == "day of week 'MONDAY' is not a value");
    CHECK(why("0 0 L * *") == "day of month 'L' is not a value");
    CHECK(why("0 0 ? * MON") == "day of month '?' is of another program's syntax");
    CHECK(refusal_of("0 0 ? * MON").hint == "write * instead of ?");
}

TEST_CASE("a step has to be a number above 0 and to reach a second value", "[schedule]") {
    CHECK(why("*/0 * * * *") == "minute '*/0' has no step of 1 or more");
    CHECK(why("*/ * * * *") == "minute '*/' has no step of 1 or more");
    CHECK(why("*/-1 * * * *") == "minute '*/-1' has no step of 1 or more");
    CHECK(why("*/x * * * *") == "minute '*/x' has no step of 1 or more");
    CHECK(why("*/2/2 * * * *") == "minute '*/2/2' has no step of 1 or more");
    CHECK(why("*/90 * * * *") == "minute '*/90' has a step that never reaches a second value");
    CHECK_THAT(refusal_of("*/90 * * * *").hint, ContainsSubstring("with each hour"));
    CHECK(why("0 10-12/5 * * *") == "hour '10-12/5' has a step that never reaches a second value");
    CHECK(
        why("5/15 * * * *") ==
        "minute '5/15' steps from a single value, which crons read differently");
    CHECK(refusal_of("5/15 * * * *").hint == "write 5-59/15");
    CHECK(refusal_of("5/\x9d\x1b * * * *").hint == "write 5-59/??");
}

TEST_CASE("a range that runs backwards is refused with two that do not", "[schedule]") {
    CHECK(why("0 22-4 * * *") == "hour '22-4' is a range that runs backwards");
    CHECK(refusal_of("0 22-4 * * *").hint == "write two ranges: 22-23,0-4");
    CHECK(why("0 0 * NOV-FEB *") == "month 'NOV-FEB' is a range that runs backwards");
    CHECK(why("0 0 * * FRI-MON") == "day of week 'FRI-MON' is a range that runs backwards");
    CHECK(why("0 0 * * 5-0") == "day of week '5-0' is a range that runs backwards");
    CHECK(refusal_of("0 0 * * 5-0").hint == "write 7 for the Sunday at the end of a range");
}

TEST_CASE("of six fields the one that is too many is named", "[schedule]") {
    CHECK(why("0 30 2 * * *") == "has 6 fields instead of five: the first, '0', would be seconds");
    CHECK(
        why("*/10 0 2 * * MON-FRI") ==
        "has 6 fields instead of five: the first, '*/10', would be seconds");
    CHECK(why("0 0 2 * * ?") == "has 6 fields instead of five: the first, '0', would be seconds");
    CHECK(why("0 0 2 ? * 6#3") == "has 6 fields instead of five: the first, '0', would be seconds");
    CHECK(
        why("0 0 12 ? * SUN 2026") ==
        "has 7 fields instead of five: the first, '0', would be seconds and the last, '2026', "
        "years");
    CHECK(
        why("30 2 * * * root") ==
        "has 6 fields instead of five: the sixth, 'root', is a user or a command");
    CHECK(
        why("30 2 * * * postgres pgbackrest --type=full backup") ==
        "has 9 fields instead of five: the sixth, 'postgres', is a user or a command");
    CHECK(
        why("CRON_TZ=Europe/Berlin 0 2 * * *") ==
        "has 6 fields instead of five: the first, 'CRON_TZ=Europe/Berlin', is a variable");
    CHECK_THAT(refusal_of("CRON_TZ=UTC 0 2 * * *").hint, ContainsSubstring("time_zone"));
}

TEST_CASE("fewer than five fields are refused with what the five are", "[schedule]") {
    CHECK(why("") == "is empty");
    CHECK(why(" \t") == "is empty");
    CHECK(why("5") == "has 1 field instead of five");
    CHECK(why("0 2 * *") == "has 4 fields instead of five");
    CHECK(
        refusal_of("0 2 * *").hint ==
        "write five fields: minute, hour, day of month, month, day of week");
}

TEST_CASE("an at sign stands before known words only", "[schedule]") {
    CHECK(why("@reboot") == "'@reboot' is not a time");
    CHECK(why("@fortnightly") == "'@fortnightly' is not known");
    CHECK(why("@daily backup") == "'backup' follows '@daily'");
}

TEST_CASE("a date that no year has is refused", "[schedule]") {
    CHECK(why("0 0 30 2 *") == "day of month '30' never comes in month '2'");
    CHECK(refusal_of("0 0 30 2 *").hint == "the longest of these months has 29 days");
    CHECK(why("0 0 30,31 FEB *") == "day of month '30-31' never comes in month '2'");
    for (const auto* month : {"4", "6", "9", "11", "APR,JUN,SEP,NOV", "2,4"}) {
        CAPTURE(month);
        CHECK_THAT(why(std::string("0 0 31 ") + month + " *"), ContainsSubstring("never comes"));
    }
    // With a day of week beside it the rest would go on running, and the mistake be seen by nobody.
    CHECK(why("0 0 30 2 MON") == "day of month '30' never comes in month '2'");
    for (const auto* text :
         {"0 0 29 2 *", "0 0 29-31 2 *", "0 0 31 * *", "0 0 31 1,2 *", "0 0 30 4,6,9,11 *"}) {
        CAPTURE(text);
        CHECK(parse_cron(text).has_value());
    }
    for (const auto* month : {"1", "3", "5", "7", "8", "10", "12"}) {
        CAPTURE(month);
        CHECK(parse_cron(std::string("0 0 31 ") + month + " *").has_value());
    }
}

TEST_CASE("steps behind an asterisk beside the other day field are refused", "[schedule]") {
    for (const auto* text : {"0 0 */2 * MON", "0 0 13 * */2", "0 0 */2 * */2"}) {
        CAPTURE(text);
        CHECK_THAT(why(text), ContainsSubstring("is read differently by different crons"));
    }
    for (const auto* text : {"0 0 1-31/2 * MON", "0 0 */2 * *", "0 0 * * */2", "0 0 */1 * MON"}) {
        CAPTURE(text);
        CHECK(parse_cron(text).has_value());
    }
}

TEST_CASE("control characters of an expression do not reach the message", "[schedule]") {
    CHECK_THAT(refusal_of("\x1B[31m * * * *").detail, ContainsSubstring("'?[31m'"));
}

TEST_CASE("an expression has one spelling", "[schedule]") {
    CHECK(
        to_text(parse_cron("  5,4,3 */2 1-31 JAN sun-tue,7").value()) ==
        "3-5 0,2,4,6,8,10,12,14,16,18,20,22 1-31 1 0-2");
    CHECK(to_text(cron{}) == "* * * * *");
    CHECK(to_text(parse_cron("0-59 0-23 * 1-12 0-6").value()) == "* * * * 0-6");
}

TEST_CASE("an expression follows elapsed time when its hours are the whole day", "[schedule]") {
    CHECK(follows_elapsed_time(parse_cron("*/20 * * * *").value()));
    CHECK(follows_elapsed_time(parse_cron("0 0-23 1 * *").value()));
    CHECK(follows_elapsed_time(parse_cron("0 0-11,12-23 * * *").value()));
    CHECK_FALSE(follows_elapsed_time(parse_cron("0 1-23 * * *").value()));
    CHECK_FALSE(follows_elapsed_time(parse_cron("* 2 * * *").value()));
}
