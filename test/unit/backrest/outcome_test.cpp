#include "backrest/exit_code.hpp"
#include "backrest/outcome.hpp"
#include "sample.hpp"
#include "support/catch.hpp"

#include <csignal>

using namespace restpoint::backrest;

namespace {

constexpr ending unseen{};

ending exited(int code) {
    return {.exit_code = code};
}

ending killed(int signal) {
    return {.signal = signal};
}

std::string entry(const std::string& text, const std::string& tag = "P00   INFO") {
    return "2026-11-22 07:02:46.357 " + tag + ": " + text + "\n";
}

std::string error(const std::string& text) {
    return entry(text, "P00  ERROR");
}

std::string more(const std::string& text) {
    return std::string(36, ' ') + text + "\n";
}

const std::string begin = entry("backup command begin 2.45: --stanza=main --type=full");
const std::string label = entry("new backup label = 20261122-064235F");
const std::string size = entry("full backup size = 13.8MB, file total = 10715");
const std::string completed = entry("backup command end: completed successfully (5875ms)");
const std::string expire_begin = entry("expire command begin 2.45: --stanza=main");
const std::string expire_completed = entry("expire command end: completed successfully (5ms)");
const std::string good_backup = begin + label + size + completed;
const std::string good_run = good_backup + expire_begin + expire_completed;

} // namespace

TEST_CASE("exit 0 is success with what the log names", "[backrest]") {
    const auto told = judge(exited(0), sample("backup-full-detail.log"));

    CHECK(told.what == verdict::succeeded);
    CHECK_FALSE(told.error);
    CHECK(told.label == "20261122-064235F");
    CHECK(told.backup_size == 1U << 30U);
    CHECK(told.backup_completed);
    CHECK_FALSE(told.expire_failed);
}

TEST_CASE("the label of an incremental backup names its full one", "[backrest]") {
    const auto told = judge(exited(0), sample("backup-incr.log"));

    CHECK(told.label == "20261122-064235F_20261122-064334I");
    CHECK(told.backup_size == 7025459);
}

TEST_CASE("a command that makes no backup names none", "[backrest]") {
    CHECK(judge(exited(0), sample("stanza-create.log")) == outcome{.what = verdict::succeeded});
    CHECK(judge(exited(0), "") == outcome{.what = verdict::succeeded});
}

TEST_CASE("exit 0 with a label completes a backup whose last line was dropped", "[backrest]") {
    const auto told = judge(exited(0), begin + label);

    CHECK(told.backup_completed);
    CHECK(told.label == "20261122-064235F");
}

TEST_CASE("the last error of the log is the message", "[backrest]") {
    const auto told = judge(exited(64), sample("backup-disk-full.log"));

    CHECK(told.what == verdict::failed);
    REQUIRE(told.error);
    CHECK(told.error->code == 64);
    CHECK(told.error->name == "file-write");
    CHECK(
        told.error->message ==
        "raised from local-1 protocol: unable to write "
        "'/var/lib/pgbackrest/backup/main/20261122-070033F/pg_data/base/16384/16496.zst'\n"
        "[FileWriteError] on retry after 0ms\n"
        "[FileWriteError] on retry after 15000ms");
    CHECK(told.error->hint == explain_exit(64).hint);
    CHECK_FALSE(told.label);
    CHECK_FALSE(told.backup_completed);
}

TEST_CASE("newer versions name the full disk and their retries at once", "[backrest]") {
    const auto told = judge(exited(64), sample("backup-disk-full-2.55.log"));

    CHECK(told.what == verdict::failed);
    REQUIRE(told.error);
    CHECK(told.error->code == 64);
    CHECK_THAT(
        told.error->message,
        ContainsSubstring("pg_data/base/5/3085': [28] No space left on device\n"
                          "[FileWriteError] on 2 retries from 1-15003ms: "));
    CHECK(told.error->hint == explain_exit(64).hint);
    CHECK_FALSE(told.backup_completed);
}

TEST_CASE("a bundled backup of 2.55 and its expire have succeeded", "[backrest]") {
    for (const auto& end : {exited(0), unseen}) {
        const auto told = judge(end, sample("backup-full-bundle-2.55.log"));

        CHECK(told.what == verdict::succeeded);
        CHECK(told.label == "20261122-121034F");
        CHECK(told.backup_completed);
        CHECK(told.backup_size == 203423744U);
    }
}

TEST_CASE("pgBackRest's own hints go before ours", "[backrest]") {
    const auto told = judge(
        exited(55), begin + error("[055]: unable to load info file 'x':") +
                        more("FileMissingError: unable to open missing file") +
                        more("HINT: backup.info cannot be opened.") +
                        more("HINT: has a stanza-create been") + more("performed?") +
                        entry("backup command end: aborted with exception [055]"));

    REQUIRE(told.error);
    CHECK(
        told.error->message ==
        "unable to load info file 'x':\nFileMissingError: unable to open missing file");
    CHECK(told.error->hint == "backup.info cannot be opened. has a stanza-create been performed?");
}

TEST_CASE("an error written before the configuration was read counts", "[backrest]") {
    const auto told = judge(exited(31), "ERROR: [031]: invalid option '--nosuchopt=1'\n");

    REQUIRE(told.error);
    CHECK(told.error->code == 31);
    CHECK(told.error->name == "option-invalid");
    CHECK(told.error->message == "invalid option '--nosuchopt=1'");
    CHECK(told.error->hint == explain_exit(31).hint);
}

TEST_CASE("without an error in the log the code speaks", "[backrest]") {
    const auto told = judge(exited(87), begin);

    REQUIRE(told.error);
    CHECK(told.error->message == explain_exit(87).meaning);
    CHECK(told.error->hint == explain_exit(87).hint);
}

TEST_CASE("without an error in the log the last foreign line is shown", "[backrest]") {
    const auto told =
        judge(exited(127), "pgbackrest: error while loading shared libraries: libssl.so.3\n\n");

    REQUIRE(told.error);
    CHECK(told.error->code == 127);
    CHECK(told.error->name == "unknown");
    CHECK_THAT(told.error->message, ContainsSubstring("libssl.so.3"));
}

TEST_CASE("a warning is not an error and a worker's error not the command's", "[backrest]") {
    const auto told = judge(
        exited(82), begin + error("[082]: WAL was not archived") +
                        entry("unable to write to local-1", "P00   WARN") + more("HINT: of it") +
                        entry("[064]: worker", "P01  ERROR") + more("HINT: of the worker"));

    REQUIRE(told.error);
    CHECK(told.error->message == "WAL was not archived");
    CHECK(told.error->hint == explain_exit(82).hint);
}

TEST_CASE("an error that only counts others is shown with the last of them", "[backrest]") {
    const auto told = judge(
        exited(104),
        entry("expire command begin 2.45: --stanza=main") +
            error("[064]: repo1: unable to write 'x': [28] No space left on device") +
            error("[104]: expire command encountered 1 error(s), check the log file for details"));

    REQUIRE(told.error);
    CHECK(told.error->code == 104);
    CHECK(told.error->name == "command");
    CHECK(
        told.error->message ==
        "expire command encountered 1 error(s), check the log file for details\n"
        "[064]: repo1: unable to write 'x': [28] No space left on device");
    CHECK(told.error->hint == explain_exit(64).hint);
}

TEST_CASE("a good backup with a failed expire has failed and is still good", "[backrest]") {
    const auto told = judge(
        exited(104), good_backup + expire_begin +
                         error("[104]: expire command encountered 1 error(s)") +
                         entry("expire command end: aborted with exception [104]"));

    CHECK(told.what == verdict::failed);
    CHECK(told.backup_completed);
    CHECK(told.expire_failed);
    CHECK(told.label == "20261122-064235F");
    CHECK(told.backup_size == 14470348);
    REQUIRE(told.error);
    CHECK(
        told.error->message == "the backup is complete; the expire after it failed: expire command "
                               "encountered 1 error(s)");
}

TEST_CASE("an expire that was ended has not done its work", "[backrest]") {
    for (const auto& end : {exited(63), killed(SIGTERM), exited(143)}) {
        const auto told = judge(end, good_backup + expire_begin);

        CHECK(told.what == verdict::terminated);
        CHECK(told.backup_completed);
        CHECK(told.expire_failed);
        CHECK(told.label == "20261122-064235F");
    }
}

TEST_CASE("an end after a good expire blames nobody's expire", "[backrest]") {
    const auto told = judge(exited(50), good_run);

    CHECK(told.what == verdict::failed);
    CHECK(told.backup_completed);
    CHECK_FALSE(told.expire_failed);
}

TEST_CASE("an expire alone is no failed expire behind a backup", "[backrest]") {
    const auto told = judge(
        exited(104), expire_begin + error("[104]: x") +
                         entry("expire command end: aborted with exception [104]"));

    CHECK(told.what == verdict::failed);
    CHECK_FALSE(told.backup_completed);
    CHECK_FALSE(told.expire_failed);
}

TEST_CASE("exit 63 is terminated with the log's own words", "[backrest]") {
    const auto told = judge(exited(63), sample("backup-terminated.log"));

    CHECK(told.what == verdict::terminated);
    REQUIRE(told.error);
    CHECK(told.error->code == 63);
    CHECK(told.error->name == "term");
    CHECK(told.error->message == "terminated on signal [SIGTERM]");
    CHECK_FALSE(told.label);
    CHECK_FALSE(told.backup_completed);
}

TEST_CASE("a signal is terminated and has no code", "[backrest]") {
    const auto told = judge(killed(SIGKILL), sample("backup-killed.log"));

    CHECK(told.what == verdict::terminated);
    REQUIRE(told.error);
    CHECK_FALSE(told.error->code);
    CHECK(told.error->name == "signal");
    CHECK(told.error->message == "ended by signal 9 (SIGKILL)");
    CHECK_THAT(told.error->hint, ContainsSubstring("memory"));
}

TEST_CASE("every signal has a hint", "[backrest]") {
    for (int signal = 1; signal <= 64; ++signal) {
        CAPTURE(signal);
        const auto told = judge(killed(signal), "");
        REQUIRE(told.error);
        CHECK_FALSE(told.error->hint.empty());
        CHECK_THAT(told.error->message, ContainsSubstring(std::to_string(signal)));
    }
}

TEST_CASE("a shell's 128 and the signal is the signal", "[backrest]") {
    CHECK(judge(exited(139), "Segmentation fault\n") == judge(killed(SIGSEGV), ""));
    CHECK(judge(exited(137), begin) == judge(killed(SIGKILL), begin));
    CHECK(judge(exited(128), begin).what == verdict::failed);
    CHECK(judge(exited(255), begin).what == verdict::failed);
    CHECK(judge(exited(255), begin).error->name == "unknown");
}

TEST_CASE("a signal's message holds the last error", "[backrest]") {
    const auto told = judge(killed(SIGSEGV), begin + error("[041]: unable to open 'x'"));

    REQUIRE(told.error);
    CHECK(
        told.error->message ==
        "ended by signal 11 (SIGSEGV); its last error was: unable to open 'x'");
}

TEST_CASE("without an exit code the log's last command decides", "[backrest]") {
    CHECK(judge(unseen, good_run).what == verdict::succeeded);
    CHECK(judge(unseen, good_backup).what == verdict::succeeded);
    CHECK(judge(unseen, sample("stanza-create.log")).what == verdict::succeeded);
    CHECK(judge(unseen, sample("restore-past.log")).what == verdict::failed);
    CHECK(judge(unseen, sample("backup-terminated.log")).what == verdict::terminated);
    CHECK(judge(unseen, sample("backup-killed.log")).what == verdict::unseen);
    CHECK(judge(unseen, begin + label).what == verdict::unseen);
    CHECK(judge(unseen, "").what == verdict::unseen);
}

TEST_CASE("without an exit code the log's code is the code", "[backrest]") {
    const auto aborted = judge(unseen, sample("restore-past.log"));
    REQUIRE(aborted.error);
    CHECK(aborted.error->code == 75);
    CHECK(aborted.error->name == "backup-set-invalid");
    CHECK_THAT(aborted.error->message, StartsWith("unable to find backup set"));

    const auto terminated = judge(unseen, sample("backup-terminated.log"));
    REQUIRE(terminated.error);
    CHECK(terminated.error->code == 63);
}

TEST_CASE("a good backup whose expire nobody saw end is unseen and good", "[backrest]") {
    const auto told = judge(unseen, good_backup + expire_begin);

    CHECK(told.what == verdict::unseen);
    CHECK(told.backup_completed);
    CHECK_FALSE(told.expire_failed);
    CHECK(told.label == "20261122-064235F");
    REQUIRE(told.error);
    CHECK(told.error->name == "unseen");
    CHECK_THAT(told.error->message, StartsWith("the backup is complete"));
}

TEST_CASE("only what stands after the last begin counts", "[backrest]") {
    const auto earlier = good_run + begin + entry("backup start archive = 0000");

    CHECK(judge(unseen, earlier).what == verdict::unseen);
    CHECK_FALSE(judge(unseen, earlier).label);
    CHECK_FALSE(judge(exited(64), earlier).backup_completed);
    CHECK(
        judge(exited(64), begin + error("[055]: old") + begin).error->message ==
        explain_exit(64).meaning);
}

TEST_CASE("an end whose begin is above what is left of the log counts", "[backrest]") {
    const auto told = judge(unseen, label + size + completed + expire_begin + expire_completed);

    CHECK(told.what == verdict::succeeded);
    CHECK(told.backup_completed);
    CHECK(told.label == "20261122-064235F");
}

TEST_CASE("a line without its end does not count", "[backrest]") {
    auto cut = good_backup;
    cut.pop_back();

    CHECK(judge(unseen, cut).what == verdict::unseen);
    CHECK_FALSE(judge(unseen, cut).backup_completed);
}

TEST_CASE("nothing but an entry of the main process at column 0 can say an end", "[backrest]") {
    const std::string words = "backup command end: completed successfully (1ms)";
    const std::string forged[] = {
        more("2026-11-22 07:02:46.357 P00   INFO: " + words),
        " " + entry(words),
        "\t" + entry(words),
        entry(words, "P01   INFO"),
        entry(words, "P01 DETAIL"),
        entry(words, "RST   INFO"),
        entry(words, "P00 DETAIL"),
        entry(words, "P00   WARN"),
        "INFO: " + words + "\n",
        words + "\n",
        entry("note " + words),
        entry(" " + words),
        "x" + entry(words),
        entry("backup file /x\r2026-11-22 07:02:46.357 P00   INFO: " + words, "P01 DETAIL")};
    for (const auto& line : forged) {
        CAPTURE(line);
        const auto told = judge(unseen, begin + label + line);
        CHECK(told.what == verdict::unseen);
        CHECK_FALSE(told.backup_completed);
        CHECK_FALSE(told.label);
    }
    CHECK(judge(unseen, begin + label + entry(words)).what == verdict::succeeded);
}

TEST_CASE("lines of our own between an error and its hint change nothing", "[backrest]") {
    const auto told = judge(
        exited(55), begin + error("[055]: missing") + entry("3 lines dropped", "RST   WARN") +
                        more("HINT: has a stanza-create been performed?"));

    REQUIRE(told.error);
    CHECK(told.error->message == "missing");
    CHECK(told.error->hint == "has a stanza-create been performed?");
}

TEST_CASE("an error of our own is not pgBackRest's", "[backrest]") {
    const auto told = judge(exited(55), begin + entry("[064]: ours", "RST  ERROR"));

    CHECK(told.error->message == explain_exit(55).meaning);
}

TEST_CASE("a label that is none is not believed", "[backrest]") {
    for (const auto* text :
         {"", "x", "20261122-064235", "20261122-064235D", "20261122-064235F_", "../../etc/passwd",
          "20261122-064235F_20261122-064331F", "20261122-064235F_20261122-064331I2",
          "20261122-064235F 20261122-064331I", "2026112a-064235F"}) {
        CAPTURE(text);
        const auto told =
            judge(exited(0), begin + entry(std::string("new backup label = ") + text) + completed);
        CHECK(told.backup_completed);
        CHECK_FALSE(told.label);
    }
}

TEST_CASE("exit 0 over an end logged as bad is failed", "[backrest]") {
    const auto told = judge(
        exited(0),
        begin + error("[064]: full") + entry("backup command end: aborted with exception [064]"));

    CHECK(told.what == verdict::failed);
    REQUIRE(told.error);
    CHECK(told.error->code == 64);
    CHECK(told.error->message == "full");
}

TEST_CASE("an abort with odd words is failed without a code", "[backrest]") {
    for (const auto* text :
         {"aborted with exception [6]", "aborted with exception 064", "aborted", "something new",
          ""}) {
        CAPTURE(text);
        const auto told = judge(unseen, begin + entry(std::string("backup command end: ") + text));
        CHECK(told.what == verdict::failed);
        REQUIRE(told.error);
        CHECK_FALSE(told.error->code);
        CHECK(told.error->name == "unknown");
    }
}

TEST_CASE("verify that found errors is failed although it exits 0", "[backrest]") {
    const auto [log, bad_file, report] = GENERATE(table<std::string, std::string, std::string>(
        {{"verify-corrupt-file.log",
          "invalid checksum '20261122-064848F/pg_data/base/16384/16470.zst'",
          "backup: 20261122-064848F, status: invalid"},
         {"verify-corrupt-file-2.55.log",
          "invalid checksum '20261122-120948F/pg_data/base/5/16384.zst'",
          "backup: 20261122-120948F, status: invalid"},
         {"verify-missing-file.log", "file missing '20261122-064848F/pg_data/base/16384/16470.zst'",
          "backup: 20261122-064848F, status: invalid"},
         {"verify-corrupt-both.log",
          "invalid result 15-1/0000000100000000/000000010000000000000001-"
          "c58e1d2da5fe148c8863323bd6777bddfb948c88.gz: [29] raised from local-1 protocol: zlib "
          "threw "
          "error: [-3] data error, invalid checksum '20261122-152819F/pg_data/base/1/2838.gz'",
          "archiveId: 15-1, total WAL checked: 13, total valid WAL: 12\nother: 1\nbackup: "
          "20261122-152819F, status: invalid"},
         {"verify-corrupt-wal.log",
          "invalid checksum '15-1/0000000300000000/"
          "0000000300000000000000F1-069d14f4b0b97e660e2839f3eb954b13a529a7f8.zst'",
          "archiveId: 15-1, total WAL checked: 251, total valid WAL: 250"}}));
    for (const auto& end : {exited(0), unseen}) {
        const auto told = judge(end, sample(log));

        CHECK(told.what == verdict::failed);
        REQUIRE(told.error);
        CHECK_FALSE(told.error->code);
        CHECK(told.error->name == "verify-error");
        CHECK_THAT(
            told.error->message,
            StartsWith(
                "verify found errors in the repo: " + bad_file + "\nstatus: error\n" + report));
    }
}

TEST_CASE("verify that found more bad files than a message holds names the first", "[backrest]") {
    auto log = entry("verify command begin 2.45: --output=text");
    const char* const kinds[] = {
        "invalid checksum", "file missing", "invalid size", "invalid verify", "could not verify"};
    for (int i = 0; i < 25; ++i) {
        log += entry(
            std::string(kinds[i % 5]) + " 'L/pg_data/" + std::to_string(i) + "'",
            i % 2 == 0 ? "P01   INFO" : "P002   INFO");
    }
    const auto told = judge(exited(0), log + entry("verify command end: completed successfully"));

    CHECK(told.what == verdict::failed);
    REQUIRE(told.error);
    CHECK_THAT(
        told.error->message,
        StartsWith("verify found errors in the repo: invalid checksum 'L/pg_data/0', file missing "
                   "'L/pg_data/1', invalid size 'L/pg_data/2', invalid verify 'L/pg_data/3', could "
                   "not verify 'L/pg_data/4', "));
    CHECK_THAT(told.error->message, EndsWith("'L/pg_data/19' and 5 more"));
}

TEST_CASE("a bad file with a name of any length leaves room for others", "[backrest]") {
    const auto told = judge(
        exited(0), entry("file missing '" + std::string(9000, 'x') + "'", "P01   INFO") +
                       entry("file missing 'L/y'", "P01   INFO"));

    REQUIRE(told.error);
    CHECK_THAT(told.error->message, EndsWith("x, file missing 'L/y'"));
}

TEST_CASE("what workers say of files is no error where nothing is verified", "[backrest]") {
    const auto bad = entry("file missing 'L/pg_data/1'", "P01   INFO");

    CHECK(judge(exited(0), begin + bad + label + size + completed).what == verdict::succeeded);
    CHECK(judge(exited(0), more("file missing 'L/pg_data/1'")).what == verdict::succeeded);
    CHECK(
        judge(
            exited(0), entry("verify command begin 2.45: --output=text") +
                           entry("some file missing 'x'", "P01   INFO"))
            .what == verdict::succeeded);
}

TEST_CASE("verify passes over a backup that runs and has succeeded", "[backrest]") {
    for (const auto& end : {exited(0), unseen}) {
        CHECK(judge(end, sample("verify-beside-backup-2.55.log")).what == verdict::succeeded);
    }
}

TEST_CASE("verify that found nothing or says ok has succeeded", "[backrest]") {
    const auto start = entry("verify command begin 2.45: --output=text");
    const auto end = entry("verify command end: completed successfully (9341ms)");

    CHECK(judge(exited(0), start + end).what == verdict::succeeded);
    CHECK(
        judge(
            exited(0), start + entry("stanza: main") + more("status: ok") + "stanza: main\n" +
                           "status: ok\n" + end)
            .what == verdict::succeeded);
}

TEST_CASE("the report of verify counts when its beginning is gone", "[backrest]") {
    const auto end = entry("verify command end: completed successfully (9341ms)");

    CHECK(
        judge(exited(0), more("checksum invalid: 1") + "status: error\n" + end).what ==
        verdict::failed);
    CHECK(
        judge(exited(0), entry("stanza: main") + more("status: error") + end).what ==
        verdict::failed);
}

TEST_CASE("words of verify in a backup's log mean nothing", "[backrest]") {
    CHECK(
        judge(
            exited(0), begin + "status: error\n" + entry("stanza: main") + more("status: error") +
                           label + size + completed)
            .what == verdict::succeeded);
}

TEST_CASE("verify that was aborted tells its error and not its report", "[backrest]") {
    const auto told = judge(
        exited(41), entry("verify command begin 2.45: --output=text") + "status: error\n" +
                        error("[041]: unable to open") +
                        entry("verify command end: aborted with exception [041]"));

    REQUIRE(told.error);
    CHECK(told.error->code == 41);
    CHECK(told.error->message == "unable to open");
}

TEST_CASE("a log without times is judged alike", "[backrest]") {
    const auto told = judge(
        unseen, "P00   INFO: backup command begin 2.45: --stanza=main\n"
                "P00  ERROR: [027]: no database found\n"
                "            HINT: check indexed pg-path/pg-host configurations\n"
                "P00   INFO: backup command end: aborted with exception [027]\n");

    CHECK(told.what == verdict::failed);
    REQUIRE(told.error);
    CHECK(told.error->code == 27);
    CHECK(told.error->hint == "check indexed pg-path/pg-host configurations");
}

TEST_CASE("what a message holds is fit to be shown and bounded", "[backrest]") {
    const auto odd = judge(exited(41), begin + error("[041]: '/x/caf\xE9\x1B[31m'"));
    REQUIRE(odd.error);
    CHECK(odd.error->message == "'/x/caf??[31m'");

    auto log = begin + error("[041]: " + std::string(100000, 'x'));
    for (int i = 0; i < 1000; ++i) {
        log += more(std::string(100, 'y')) + more("HINT: " + std::string(100, 'z'));
    }
    const auto large = judge(exited(41), log);
    REQUIRE(large.error);
    CHECK(large.error->message.size() <= 8192);
    CHECK(large.error->hint.size() <= 8192);
}

TEST_CASE("a continuation without an entry is passed over", "[backrest]") {
    CHECK(
        judge(exited(41), more("HINT: nothing") + more("x")).error->message ==
        explain_exit(41).meaning);
}

TEST_CASE("an error line that holds nothing but its code is told by its meaning", "[backrest]") {
    const auto told = judge(exited(55), error("[055]: "));

    REQUIRE(told.error);
    CHECK(told.error->message == explain_exit(55).meaning);
    CHECK(told.error->name == "file-missing");
}

TEST_CASE("a dry run ends as the run itself does", "[backrest]") {
    const auto dry = entry("[DRY-RUN] expire command begin 2.45: --dry-run --stanza=main");
    const auto good = dry + entry("[DRY-RUN] repo1: expire adhoc backup 20261122-064235F") +
                      entry("[DRY-RUN] expire command end: completed successfully (5ms)");
    const auto bad =
        dry +
        error(
            "[075]: [DRY-RUN] repo1: full backup 20261122-064235F cannot be expired until another "
            "full backup has been created on this repo") +
        error("[104]: [DRY-RUN] expire command encountered 1 error(s), check the log file for "
              "details") +
        entry("[DRY-RUN] expire command end: aborted with exception [104]");

    CHECK(judge(unseen, good).what == verdict::succeeded);
    const auto failed = judge(unseen, bad);
    CHECK(failed.what == verdict::failed);
    REQUIRE(failed.error);
    CHECK(failed.error->code == 104);
    CHECK_THAT(failed.error->message, ContainsSubstring("cannot be expired until another full"));
}

TEST_CASE("a store's refusal is told in brief with what to do", "[backrest]") {
    const auto log = begin + error("[039]: HTTP request failed with 403 (Forbidden):") +
                     more("*** Path/Query ***:") + more("GET /pgbr/?list-type=2") +
                     more("authorization: <redacted>");
    const auto told = judge(exited(39), log);

    REQUIRE(told.error);
    CHECK(told.error->message == "HTTP request failed with 403 (Forbidden)");
    CHECK_THAT(told.error->hint, ContainsSubstring("refused the key"));
}

TEST_CASE("a wrong passphrase is not taken for a stanza that was never made", "[backrest]") {
    const auto log = begin + error("[029]: unable to load info file '/r/backup.info':") +
                     more("FormatError: key/value found outside of section at line 1: Salted__") +
                     more("HINT: has a stanza-create been performed?");
    const auto told = judge(exited(29), log);

    REQUIRE(told.error);
    CHECK_THAT(told.error->message, EndsWith("its content is no text"));
    CHECK_THAT(told.error->hint, ContainsSubstring("repoN-cipher-pass"));
}
