#include "backrest/progress.hpp"
#include "sample.hpp"
#include "support/catch.hpp"

#include <limits>
#include <vector>

using namespace restpoint::backrest;

namespace {

progress after(const std::vector<std::string>& lines) {
    progress now;
    for (const auto& line : lines) {
        advance(now, parse_log_line(line));
    }
    return now;
}

std::string main_line(const std::string& text) {
    return "2026-11-22 06:42:35.140 P00   INFO: " + text;
}

std::string worker_line(const std::string& text) {
    return "2026-11-22 06:42:35.140 P01 DETAIL: " + text;
}

const std::string begin = main_line("backup command begin 2.45: --stanza=main");

std::vector<std::string> lines_of(const std::string& log) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < log.size();) {
        const auto end = log.find('\n', at);
        lines.push_back(log.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

} // namespace

TEST_CASE("sizes are read as pgBackRest writes them", "[backrest]") {
    CHECK(parse_size("0B") == 0);
    CHECK(parse_size("8KB") == 8192);
    CHECK(parse_size("1.5KB") == 1536);
    CHECK(parse_size("897.1MB") == 940677529);
    CHECK(parse_size("1GB") == 1U << 30U);
    CHECK(parse_size("2TB") == 2199023255552);
    CHECK(parse_size("1PB") == 1125899906842624);
}

TEST_CASE("what is no size is refused", "[backrest]") {
    for (const auto* text :
         {"",
          "B",
          "MB",
          "1",
          "1 MB",
          " 1MB",
          "1MB ",
          "1mb",
          "-1MB",
          "+1MB",
          "1e3MB",
          "1.2.3MB",
          ".MB",
          "infMB",
          "nanB",
          "0x1MB",
          "1EB",
          "1MBB",
          "99999999999999999999PB",
          "20000PB"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_size(text));
    }
}

TEST_CASE("nothing is shown before the first line", "[backrest]") {
    CHECK(after({}) == progress{});
    CHECK(progress{}.phase.empty());
}

TEST_CASE("a full backup goes through its phases in order", "[backrest]") {
    progress now;
    std::vector<std::string> phases;
    for (const auto& line : lines_of(sample("backup-full-detail.log"))) {
        const auto before = now;
        advance(now, parse_log_line(line));
        if (phases.empty() || phases.back() != now.phase) {
            phases.push_back(now.phase);
        }
        CHECK(now.percent.value_or(0) >= before.percent.value_or(0));
        CHECK(now.bytes_done.value_or(0) >= before.bytes_done.value_or(0));
        CHECK(now.files_done >= before.files_done);
        CHECK(now.bytes_total.value_or(0) >= now.bytes_done.value_or(0));
    }

    CHECK(phases == std::vector<std::string>{"start", "copy", "archive", "expire", "end"});
    CHECK(now.percent == 100);
    CHECK(now.files_done == 56);
    CHECK(now.bytes_total >= 1U << 30U);
}

TEST_CASE("files that share a bundle count one by one", "[backrest]") {
    const auto now = after(lines_of(sample("backup-full-bundle-2.55.log")));

    CHECK(now.phase == "end");
    CHECK(now.percent == 100);
    CHECK(now.files_done == 12); // the three empty ones are not copied
}

TEST_CASE("the total is estimated from the first file", "[backrest]") {
    const auto now =
        after({begin, worker_line("backup file /x/16409 (897.1MB, 81.25%) checksum c7a0b309")});

    CHECK(now.phase == "copy");
    CHECK(now.percent == 81.25);
    CHECK(now.bytes_done == 940677529);
    REQUIRE(now.bytes_total);
    // The real one was 1157684246.
    CHECK(static_cast<double>(*now.bytes_total) == Approx(1157684246.0).epsilon(0.001));
}

TEST_CASE("the backup's own word on its size replaces the estimate", "[backrest]") {
    const auto now = after(
        {begin, worker_line("backup file /x (1MB, 30.00%) checksum 00"),
         main_line("full backup size = 4MB, file total = 2")});

    CHECK(now.bytes_total == 4U << 20U);
}

TEST_CASE("a total rounded below what is done is not believed", "[backrest]") {
    const auto now = after(
        {begin, worker_line("backup file /x (1104.1MB, 100.00%) checksum 00"),
         main_line("full backup size = 1GB, file total = 2")});

    CHECK(now.bytes_total == now.bytes_done);
}

TEST_CASE("figures never go back", "[backrest]") {
    const auto now = after(
        {begin, worker_line("backup file /a (8KB, 50.00%) checksum 00"),
         worker_line("backup file /b (8KB, 40.00%) checksum 00"), begin});

    CHECK(now.percent == 50);
    CHECK(now.bytes_done == 16384);
    CHECK(now.files_done == 2);
    CHECK(now.phase == "copy");
}

TEST_CASE("info's sizes are exact where the log's are rounded", "[backrest]") {
    auto now = after({begin});

    merge_sizes(now, 1000, 4000);

    CHECK(now.phase == "copy");
    CHECK(now.bytes_done == 1000);
    CHECK(now.bytes_total == 4000);
    CHECK(now.percent == 25);

    // What the log counts up to below that is no news, and its rounded total none either.
    for (const auto* text :
         {"backup file /a (500B, 12.40%) checksum 00",
          "backup file /b (1KB, 38.00%) checksum 00"}) {
        advance(now, parse_log_line(worker_line(text)));
    }
    advance(now, parse_log_line(main_line("full backup size = 3KB, file total = 2")));
    CHECK(now.bytes_done == 1524);
    CHECK(now.bytes_total == 4000);
    CHECK(now.percent == 38);
    CHECK(now.files_done == 2);
}

TEST_CASE("an answer of info that is older than the log takes nothing back", "[backrest]") {
    auto now = after({begin, worker_line("backup file /x (3000B, 75.00%) checksum 00")});

    merge_sizes(now, 1000, 4000);

    CHECK(now.bytes_done == 3000);
    CHECK(now.bytes_total == 4000);
    CHECK(now.percent == 75);
}

TEST_CASE("a total that the log has passed goes along with it", "[backrest]") {
    auto now = after({begin});
    merge_sizes(now, 1000, 4000);

    advance(now, parse_log_line(worker_line("backup file /x (5000B, 99.00%) checksum 00")));

    CHECK(now.bytes_done == 5000);
    CHECK(now.bytes_total == 5000);
    merge_sizes(now, 4000, 4000);
    CHECK(now.bytes_done == 5000);
    CHECK(now.bytes_total == 5000);
}

TEST_CASE("sizes that no backup can have are not believed", "[backrest]") {
    const auto before = after({begin, worker_line("backup file /x (3000B, 75.00%) checksum 00")});
    auto now = before;

    merge_sizes(now, 0, 0);
    merge_sizes(now, 4001, 4000);

    CHECK(now == before);
}

TEST_CASE("every form of a worker's line counts", "[backrest]") {
    for (const auto* text :
         {"backup file /x (8KB, 50.00%) checksum 00", "backup file host:/x (8KB, 50%) checksum 00",
          "match file from prior backup /x (8KB, 50.00%) checksum 00",
          "checksum resumed file /x (8KB, 50.00%) checksum 00",
          "backup file /x (bundle 1/123, 8KB, 50.00%) checksum 00",
          "backup file /x (bundle 1/0, 16KB->8KB, 50.00%) checksum 00",
          "restore file /x - exists and matches backup (8KB, 50.00%) checksum 00",
          "backup file /x (9MB, 99.00%)/y (8KB, 50.00%) checksum 00"}) {
        CAPTURE(text);
        const auto now = after({begin, worker_line(text)});
        CHECK(now.percent == 50);
        CHECK(now.bytes_done == 8192);
        CHECK(now.files_done == 1);
    }
}

TEST_CASE("an empty file counts without a checksum", "[backrest]") {
    const auto now = after({begin, worker_line("backup file /x (0B, 0.00%)")});

    CHECK(now.files_done == 1);
    CHECK(now.bytes_done == 0);
    CHECK(now.percent == 0);
    CHECK_FALSE(now.bytes_total);
}

TEST_CASE("lines of workers without figures change nothing", "[backrest]") {
    for (const auto* text :
         {"skip file removed by database /x", "invalid checksum '20261122-064848F/pg_data/x'",
          "backup file /x (, 50.00%)", "backup file /x (8KB 50.00%)", "backup file /x 8KB, 50.00%)",
          "backup file /x (8KB, inf%)", "backup file /x (8KB, -1%)", "%)", "(%)", "(, %)", ""}) {
        CAPTURE(text);
        CHECK(after({begin, worker_line(text)}) == after({begin}));
    }
}

TEST_CASE("the last file is not the end", "[backrest]") {
    for (const auto* text : {"backup file /x (8KB, 120.00%)", "backup file /x (8KB, 100.00%)"}) {
        const auto now = after({begin, worker_line(text)});

        CHECK(now.percent == 99.9);
        CHECK(now.bytes_total == 8192);
        CHECK_FALSE(now.completed);
    }
    auto told = after({begin});
    merge_sizes(told, 8192, 8192);
    CHECK(told.percent == 99.9);
}

TEST_CASE("a sum that does not fit stays at the largest", "[backrest]") {
    const auto huge = worker_line("backup file /x (16000PB, 1.00%)");

    const auto now = after({begin, huge, huge});

    CHECK(now.bytes_done == std::numeric_limits<std::uint64_t>::max());
    CHECK(now.bytes_total == now.bytes_done);
}

TEST_CASE("what is not pgBackRest's entry changes nothing", "[backrest]") {
    for (const auto* line :
         {"2026-11-22 06:42:35.140 RST   INFO: backup command end: aborted with exception [064]",
          "2026-11-22 06:42:35.140 RST DETAIL: backup file /x (8KB, 50.00%)",
          "   2026-11-22 06:42:35.140 P01 DETAIL: backup file /x (8KB, 50.00%)",
          "backup file /x (8KB, 50.00%)", "INFO: expire command begin",
          "2026-11-22 06:42:35.140 P00  ERROR: [064]: backup command end: x", ""}) {
        CAPTURE(line);
        CHECK(after({begin, line}) == after({begin}));
    }
}

TEST_CASE("a worker cannot say what only the main process may", "[backrest]") {
    const auto now = after({begin, worker_line("backup command end: aborted with exception [1]")});

    CHECK(now.phase == "start");
}

TEST_CASE("a backup that completed is not at its end before its expire", "[backrest]") {
    const auto completed = main_line("backup command end: completed successfully (1ms)");
    const auto file = worker_line("backup file /x (8KB, 99.99%)");
    const auto stop =
        main_line("execute non-exclusive backup stop and wait for all WAL segments to archive");

    CHECK(after({begin, file, stop}).phase == "archive");
    CHECK(after({begin, file, stop, completed}).phase == "archive");
    CHECK(after({begin, file, stop, completed}).percent == 100);
    CHECK(after({begin, file, stop, completed}).completed);
    CHECK(after({begin, completed, main_line("expire command begin 2.45")}).phase == "expire");
    CHECK(
        after({begin, completed, main_line("expire command end: completed successfully (1ms)")})
            .phase == "end");
}

TEST_CASE("a backup that was aborted is at its end", "[backrest]") {
    CHECK(
        after({begin, main_line("backup command end: aborted with exception [064]")}).phase ==
        "end");
    CHECK(
        after({begin, main_line("backup command end: terminated on signal [SIGTERM]")}).phase ==
        "end");
}

TEST_CASE("an exclusive backup of an old server reaches its archive phase", "[backrest]") {
    CHECK(
        after({begin, main_line("execute exclusive backup stop and wait for all WAL segments to "
                                "archive")})
            .phase == "archive");
}

TEST_CASE("a command that copies nothing starts and ends", "[backrest]") {
    progress now;
    for (const auto& line : lines_of(sample("stanza-create.log"))) {
        advance(now, parse_log_line(line));
    }

    CHECK(now == progress{.phase = "end", .completed = true});
}

TEST_CASE("a line that is nothing but a type of backup tells no size", "[backrest]") {
    CHECK(after({begin, main_line("diff")}) == after({begin}));
}

TEST_CASE("files that are larger than what was announced raise the total", "[backrest]") {
    const auto now = after(
        {begin, main_line("full backup size = 1KB, file total = 1"),
         "2026-11-22 06:43:02.064 P01 DETAIL: backup file /pg/base/1/2 (9KB, 0%) checksum c7a0"});

    CHECK(now.bytes_done == 9 * 1024);
    CHECK(now.bytes_total == 9 * 1024);
}
