#include "backrest/log_line.hpp"
#include "sample.hpp"
#include "support/catch.hpp"

using namespace restpoint::backrest;
using form = log_line::form;

TEST_CASE("an entry is taken apart into time, process, level and text", "[backrest]") {
    const auto line = parse_log_line(
        "2026-11-22 06:42:50.413 P01 DETAIL: backup file /x (897.1MB, 81.25%) checksum c7a0");

    CHECK(line.what == form::entry);
    CHECK(line.time == "2026-11-22 06:42:50.413");
    CHECK(line.process == "P01");
    CHECK(line.level == log_level::detail);
    CHECK_FALSE(line.code);
    CHECK(line.text == "backup file /x (897.1MB, 81.25%) checksum c7a0");
}

TEST_CASE("the code of an error is taken off its text", "[backrest]") {
    const auto line = parse_log_line("2026-11-22 07:10:09.949 P00  ERROR: [075]: unable to find");

    CHECK(line.level == log_level::error);
    CHECK(line.code == 75);
    CHECK(line.text == "unable to find");
}

TEST_CASE("an assert is an error", "[backrest]") {
    const auto line = parse_log_line("2026-11-22 07:10:09.949 P00 ASSERT: [025]: no way");

    CHECK(line.level == log_level::error);
    CHECK(line.code == 25);
}

TEST_CASE("only an error has a code", "[backrest]") {
    const auto line = parse_log_line("2026-11-22 07:10:09.949 P00   INFO: [075]: text");

    CHECK_FALSE(line.code);
    CHECK(line.text == "[075]: text");
}

TEST_CASE("a code has three digits in brackets and a colon behind them", "[backrest]") {
    for (const auto* text : {"[75]: x", "[0750]: x", "[075] x", "[07a]: x", "075: x", "[075]:"}) {
        CAPTURE(text);
        const auto whole = std::string("ERROR: ") + text;
        const auto line = parse_log_line(whole);
        CHECK(line.what == form::bare);
        CHECK_FALSE(line.code);
        CHECK(line.text == text);
    }
}

TEST_CASE("every level is known", "[backrest]") {
    const std::pair<const char*, log_level> levels[] = {
        {" ERROR", log_level::error},  {"  WARN", log_level::warn},  {"  INFO", log_level::info},
        {"DETAIL", log_level::detail}, {" DEBUG", log_level::debug}, {" TRACE", log_level::trace}};
    for (const auto& [name, level] : levels) {
        CAPTURE(name);
        const auto whole = std::string("2026-11-22 07:10:09.949 P00 ") + name + ": text";
        const auto line = parse_log_line(whole);
        CHECK(line.what == form::entry);
        CHECK(line.level == level);
        CHECK(line.text == "text");
    }
}

TEST_CASE("processes above 99 have three digits", "[backrest]") {
    const auto line = parse_log_line("2026-11-22 07:10:09.949 P100 DETAIL: text");

    CHECK(line.what == form::entry);
    CHECK(line.process == "P100");
}

TEST_CASE("a line of our own has our tag", "[backrest]") {
    const auto line = parse_log_line("2026-11-22 07:10:09.949 RST   WARN: 12 lines were dropped");

    CHECK(line.what == form::entry);
    CHECK(line.process == own_process);
    CHECK(line.text == "12 lines were dropped");
}

TEST_CASE("an entry without a time is an entry", "[backrest]") {
    const auto line = parse_log_line("P00   INFO: check command end: aborted with exception [027]");

    CHECK(line.what == form::entry);
    CHECK(line.time.empty());
    CHECK(line.process == "P00");
    CHECK(line.text == "check command end: aborted with exception [027]");
}

TEST_CASE("a line written before the configuration was read is bare", "[backrest]") {
    const auto line = parse_log_line("ERROR: [055]: unable to open missing file '/x' for read");

    CHECK(line.what == form::bare);
    CHECK(line.time.empty());
    CHECK(line.process.empty());
    CHECK(line.level == log_level::error);
    CHECK(line.code == 55);
    CHECK(line.text == "unable to open missing file '/x' for read");

    CHECK(parse_log_line("WARN: no prior backup exists").what == form::bare);
}

TEST_CASE("indented text continues the entry above, its blanks taken off", "[backrest]") {
    const auto hint = parse_log_line("       HINT: has a stanza-create been performed?");

    CHECK(hint.what == form::continuation);
    CHECK_FALSE(hint.level);
    CHECK(hint.text == "HINT: has a stanza-create been performed?");
    CHECK(parse_log_line("      \tIs the server running").text == "Is the server running");
    CHECK(parse_log_line("    ").what == form::continuation);
    CHECK(parse_log_line("    ").text.empty());
}

TEST_CASE("an indented line that looks like an entry is no entry", "[backrest]") {
    const auto line = parse_log_line(
        "   2026-11-22 07:10:09.949 P00   INFO: backup command end: completed successfully (1ms)");

    CHECK(line.what == form::continuation);
    CHECK_FALSE(line.level);
}

TEST_CASE("anything else is foreign and kept whole", "[backrest]") {
    for (const auto* text :
         {"",
          "Segmentation fault",
          "stanza: main",
          "sh: 1: pgbackrest: not found",
          "error: no",
          "INFO:no blank",
          "2026-11-22 07:10:09.949",
          "2026-11-22 07:10:09.949 P00",
          "2026-11-22 07:10:09.949 P00 ",
          "2026-11-22 07:10:09.949 P00   INFO",
          "P0",
          "P",
          "RST",
          "RSTX  INFO: x",
          "2026-11-22 07:10:09,949 P00   INFO: x",
          "2026-11-22 07:10:09.949 X00   INFO: x",
          "2026-11-22 07:10:09.949 P00 NOTICE: x",
          "2026-11-22 07:10:09.949 P0a   INFO: x",
          "2026-11-22 07:10:09.949 P1000 INFO: x",
          "2026-11-22 07:10:09.949   P00   INFO: x",
          "2026-11-22 07:10:09.949 P00   info: x"}) {
        CAPTURE(text);
        const auto line = parse_log_line(text);
        CHECK(line.what == form::foreign);
        CHECK_FALSE(line.level);
        CHECK(line.text == text);
    }
}

TEST_CASE("a line may be empty behind its level and may hold any byte", "[backrest]") {
    CHECK(parse_log_line("2026-11-22 07:10:09.949 P00   INFO: ").text.empty());

    const std::string odd("2026-11-22 07:10:09.949 P00   INFO: a\0\xff\rb", 40);
    CHECK(parse_log_line(odd).text == std::string("a\0\xff\rb", 40 - 36));
}

TEST_CASE("every line of a real log is an entry", "[backrest]") {
    const auto log = sample("backup-full-detail.log");
    std::size_t lines = 0;
    for (std::size_t at = 0; at < log.size(); ++lines) {
        const auto end = log.find('\n', at);
        const auto line = log.substr(at, end - at);
        CAPTURE(line);
        CHECK(parse_log_line(line).what == form::entry);
        at = end + 1;
    }
    CHECK(lines == 70);
}

TEST_CASE("levels are ordered from grave to verbose and read in any case", "[backrest]") {
    CHECK(log_level::error < log_level::warn);
    CHECK(log_level::warn < log_level::info);
    CHECK(log_level::info < log_level::detail);
    CHECK(log_level::detail < log_level::debug);
    CHECK(log_level::debug < log_level::trace);
    for (const auto level :
         {log_level::error, log_level::warn, log_level::info, log_level::detail, log_level::debug,
          log_level::trace}) {
        CHECK(parse_log_level(to_string(level)) == level);
    }
    CHECK(parse_log_level("Detail") == log_level::detail);
    CHECK(parse_log_level("WARN") == log_level::warn);
    CHECK_FALSE(parse_log_level("warning"));
    CHECK_FALSE(parse_log_level(""));
    CHECK_FALSE(parse_log_level("off"));
}

TEST_CASE("a reference to an earlier set is noise", "[backrest]") {
    const std::string front = "2026-11-22 06:43:31.500 P00 ";

    CHECK(is_reference_noise(front + "DETAIL: reference pg_data/base/1/112 to 20261122-064235F"));
    CHECK_FALSE(is_reference_noise(front + "  INFO: reference pg_data/x to 20261122-064235F"));
    CHECK_FALSE(is_reference_noise(front + "DETAIL: backup file /reference x to y (0B, 1%)"));
    CHECK_FALSE(is_reference_noise(front + "DETAIL: reference pg_data/base/1/112"));
    CHECK_FALSE(is_reference_noise("   reference pg_data/x to 20261122-064235F"));
    CHECK_FALSE(is_reference_noise(
        "2026-11-22 06:43:31.500 RST DETAIL: reference pg_data/x to 20261122-064235F"));
    CHECK_FALSE(is_reference_noise(""));
}
