#include "process/exit_report.hpp"
#include "support/catch.hpp"

#include <boost/json.hpp>

using restpoint::errc;
using namespace restpoint::process;

namespace {

exit_report full_report() {
    exit_report report;
    report.started = true;
    report.exit_code = 104;
    report.started_at = "2026-11-22T06:42:35.140Z";
    report.finished_at = "2026-11-22T06:43:02.994Z";
    report.cpu_user = 12.25;
    report.cpu_system = 0.5;
    report.max_rss = 31'457'280;
    report.lines = 10'727;
    report.bytes = 1'460'000;
    report.noise = 9;
    report.dropped = 18'446'744'073'709'551'615U;
    report.orphans = 2;
    return report;
}

std::string detail_of(std::string_view text) {
    const auto parsed = parse_exit_report(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().code == errc::invalid);
    return parsed.error().detail;
}

} // namespace

TEST_CASE("an exit report survives the way through its file", "[process][unit]") {
    auto report = full_report();

    SECTION("of a child that exited") {}
    SECTION("of a child that a signal ended") {
        report.exit_code.reset();
        report.signal = 11;
    }
    SECTION("of a child whose end nobody saw") {
        report.exit_code.reset();
    }
    SECTION("of a child that was never started") {
        report = {};
        report.error = "cannot run 'pgbackrest': No such file or directory";
        report.error_code = "not_found";
    }

    const auto parsed = parse_exit_report(to_json(report));
    REQUIRE(parsed.has_value());
    CHECK((*parsed == report));
}

TEST_CASE("a name that is not UTF-8 does not make a report unreadable", "[process][unit]") {
    exit_report report;
    report.error = "cannot run '/opt/pg\xff\xfe'";
    report.error_code = "io";

    const auto parsed = parse_exit_report(to_json(report));

    REQUIRE(parsed.has_value());
    CHECK(parsed->error == "cannot run '/opt/pg\?\?'");
}

TEST_CASE("a name in UTF-8 is kept as it is", "[process][unit]") {
    exit_report report;
    report.error = "cannot run '/opt/größe'";

    const auto parsed = parse_exit_report(to_json(report));

    REQUIRE(parsed.has_value());
    CHECK(parsed->error == report.error);
}

TEST_CASE(
    "fields of a later version are passed over, absent ones keep their defaults",
    "[process][unit]") {
    const auto parsed = parse_exit_report(
        R"({"version":7,"started":true,"exit_code":0,"signal":null,"io_bytes":[1,2]})");

    REQUIRE(parsed.has_value());
    CHECK(parsed->version == 7);
    CHECK(parsed->exit_code == 0);
    CHECK_FALSE(parsed->signal.has_value());
    CHECK(parsed->lines == 0);
}

TEST_CASE("a file that was cut off or damaged is refused with the place", "[process][unit]") {
    const auto whole = to_json(full_report());

    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        const auto detail = detail_of(whole.substr(0, length));
        CHECK_THAT(detail, StartsWith("exit report: byte "));
    }
    CHECK_THAT(detail_of(whole + "}"), ContainsSubstring("byte " + std::to_string(whole.size())));
    CHECK_THAT(detail_of("[]"), ContainsSubstring("not an object"));
    CHECK_THAT(detail_of(std::string(4096, ' ')), StartsWith("exit report: byte "));
    CHECK_THAT(detail_of(std::string(100'000, '[')), StartsWith("exit report: byte "));
}

TEST_CASE("a field of the wrong type or range is refused by name", "[process][unit]") {
    struct wrong {
        const char* field;
        boost::json::value value;
    };
    const auto each = GENERATE(
        wrong{"version", 0}, wrong{"version", "1"}, wrong{"started", 1}, wrong{"exit_code", 256},
        wrong{"exit_code", -1}, wrong{"exit_code", "0"}, wrong{"exit_code", 0.5},
        wrong{"signal", 65}, wrong{"error", 5}, wrong{"error_code", nullptr},
        wrong{"started_at", 0}, wrong{"finished_at", true}, wrong{"cpu_user", -0.1},
        wrong{"cpu_system", "0"}, wrong{"max_rss", -1}, wrong{"lines", -1}, wrong{"bytes", 1.5},
        wrong{"noise", "many"}, wrong{"dropped", nullptr}, wrong{"orphans", false});
    auto object = boost::json::parse(to_json(full_report())).as_object();
    object[each.field] = each.value;
    CAPTURE(each.field, each.value);

    const auto detail = detail_of(boost::json::serialize(object));

    CHECK_THAT(detail, ContainsSubstring(std::string("'") + each.field + "'"));
}

TEST_CASE("a number that only an infinity is as large as is refused", "[process][unit]") {
    CHECK_THAT(
        detail_of(R"({"version":1,"started":true,"cpu_user":1e400})"),
        ContainsSubstring("'cpu_user' is not a number of seconds"));
}

TEST_CASE(
    "a report without its version, with two ends, or with one of no child, is refused",
    "[process][unit]") {
    CHECK_THAT(detail_of(R"({"started":true,"exit_code":0})"), ContainsSubstring("'version'"));
    CHECK_THAT(detail_of(R"({"version":1,"exit_code":0})"), ContainsSubstring("'started'"));
    CHECK_THAT(
        detail_of(R"({"version":1,"started":true,"exit_code":0,"signal":9})"),
        ContainsSubstring("both set"));
    CHECK_THAT(
        detail_of(R"({"version":1,"started":false,"exit_code":0})"),
        ContainsSubstring("'started'"));
}
