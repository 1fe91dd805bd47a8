#include "backrest/info.hpp"
#include "sample.hpp"
#include "support/catch.hpp"

#include <limits>

using namespace restpoint::backrest;
using restpoint::errc;

namespace {

std::vector<stanza_info> parsed(const std::string& json) {
    return parse_info(json).value();
}

/// One stanza with `status` as its status and `more` behind it.
std::string stanza(const std::string& status, const std::string& more = "") {
    return R"([{"name":"main","status":)" + status + more + "}]";
}

const std::string ok = R"({"code":0,"message":"ok"})";

std::string backup(const std::string& more) {
    return stanza(
        ok, R"(,"backup":[{"label":"20261122-064235F","type":"full",)"
            R"("timestamp":{"start":1,"stop":2},"info":{"size":3,"delta":4},"database":{"id":1})" +
                more + "}]");
}

void check_refused(const std::string& json, const std::string& detail) {
    CAPTURE(json);
    const auto told = parse_info(json);
    REQUIRE_FALSE(told.has_value());
    CHECK(told.error().code == errc::invalid);
    CHECK(told.error().detail == "pgbackrest info: " + detail);
    CHECK_FALSE(told.error().hint.empty());
}

} // namespace

TEST_CASE("what stands behind the document is refused with its place", "[backrest]") {
    const auto told = parse_info("[]\n x");

    REQUIRE_FALSE(told.has_value());
    CHECK_THAT(told.error().detail, StartsWith("pgbackrest info: no JSON at byte 4, before 'x': "));
    CHECK_THAT(told.error().detail, !ContainsSubstring("incomplete"));
}

TEST_CASE("no stanza at all is an empty list", "[backrest]") {
    CHECK(parsed(sample("info-no-stanza.json")).empty());
}

TEST_CASE("every state that pgBackRest showed is read", "[backrest]") {
    struct expectation {
        const char* file;
        info_state state;
        std::string message;
        std::vector<info_state> repos;
        std::size_t backups;
    };
    const auto other = info_state::other;
    const auto fine = info_state::ok;
    const auto none = info_state::no_valid_backups;
    const expectation all[] = {
        {"info-full-diff-incr.json", fine, "ok", {fine}, 3},
        {"info-set.json", fine, "ok", {fine}, 1},
        {"info-repo2.json", fine, "ok", {fine}, 1},
        {"info-two-repos.json", fine, "ok", {fine, fine}, 13},
        {"info-no-stanza-named.json",
         info_state::missing_stanza_path,
         "missing stanza path",
         {info_state::missing_stanza_path},
         0},
        {"info-empty-stanza.json", none, "no valid backups", {none}, 0},
        {"info-while-running.json", none, "no valid backups", {none}, 0},
        {"info-disk-full.json", none, "no valid backups", {none}, 0},
        {"info-two-repos-one-empty.json",
         info_state::different_across_repos,
         "different across repos",
         {fine, none},
         11},
        {"info-set-unknown.json",
         info_state::backup_not_found,
         "requested backup not found",
         {info_state::backup_not_found},
         0},
        {"info-permission.json", other, "other", {other}, 0},
        {"info-corrupt.json", other, "other", {other}, 0},
        {"info-host-unreachable.json", other, "other", {other}, 0},
        {"info-s3-unreachable.json", other, "other", {other}, 0}};
    for (const auto& expected : all) {
        CAPTURE(expected.file);
        const auto told = parsed(sample(expected.file));
        REQUIRE(told.size() == 1);
        CHECK(told[0].name == "main");
        CHECK(told[0].cipher == "none");
        CHECK(told[0].status.state == expected.state);
        CHECK(told[0].status.code == static_cast<int>(expected.state));
        CHECK(told[0].status.message == expected.message);
        REQUIRE(told[0].repos.size() == expected.repos.size());
        for (std::size_t i = 0; i < expected.repos.size(); ++i) {
            CHECK(told[0].repos[i].status.state == expected.repos[i]);
        }
        CHECK(told[0].backups.size() == expected.backups);
    }
}

TEST_CASE("a full backup is read whole", "[backrest]") {
    const auto told = parsed(sample("info-full-diff-incr.json"));
    const auto& full = told.at(0).backups.at(0);

    CHECK(full.label == "20261122-064235F");
    CHECK(full.type == "full");
    CHECK_FALSE(full.prior);
    CHECK(full.references.empty());
    CHECK(full.start == 1795329755);
    CHECK(full.stop == 1795329782);
    CHECK(full.wal_start == "000000010000000000000053");
    CHECK(full.wal_stop == "000000010000000000000054");
    CHECK(full.lsn_start == "0/53000028");
    CHECK(full.lsn_stop == "0/5401ACE8");
    CHECK(full.size == 1157684246);
    CHECK(full.delta == 1157684246);
    CHECK(full.repo_size == 72615314);
    CHECK(full.repo_delta == 72615314);
    CHECK(full.page_error == false);
    CHECK(full.database_id == 1);
    CHECK(full.repo == 1);
    CHECK(full.backrest_version == "2.45");
    CHECK(
        full.annotations ==
        std::map<std::string, std::string>{{"reason", "lab"}, {"ticket", "OPS-1"}});
}

TEST_CASE("an incremental backup names what it needs", "[backrest]") {
    const auto told = parsed(sample("info-full-diff-incr.json"));
    const auto& incr = told.at(0).backups.at(2);

    CHECK(incr.type == "incr");
    CHECK(incr.prior == "20261122-064235F_20261122-064331D");
    CHECK(
        incr.references ==
        std::vector<std::string>{"20261122-064235F", "20261122-064235F_20261122-064331D"});
    CHECK(incr.annotations.empty());
}

TEST_CASE("databases and archives are read by repo", "[backrest]") {
    const auto told = parsed(sample("info-two-repos-one-empty.json")).at(0);

    REQUIRE(told.databases.size() == 2);
    CHECK(told.databases[0].repo == 1);
    CHECK(told.databases[1].repo == 2);
    CHECK(told.databases[0].version == "15");
    REQUIRE(told.archives.size() == 2);
    CHECK(told.archives[0].id == "15-1");
    CHECK(told.archives[0].database_id == 1);
    CHECK(told.archives[0].repo == 1);
    CHECK(told.archives[0].min == "000000010000000000000001");
    CHECK(told.archives[0].max == "0000000100000000000000E4");
    CHECK(told.archives[1].repo == 2);
    CHECK_FALSE(told.archives[1].min);
    CHECK_FALSE(told.archives[1].max);
}

TEST_CASE("a system id keeps all of its bits", "[backrest]") {
    CHECK(
        parsed(sample("info-full-diff-incr.json")).at(0).databases.at(0).system_id ==
        7710882128658008358U);

    const auto largest = parsed(stanza(
        ok, R"(,"db":[{"id":1,"repo-key":1,"system-id":18446744073709551615,"version":"15"}])"));
    CHECK(largest[0].databases[0].system_id == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("what a repo says of itself is kept word for word", "[backrest]") {
    const auto told = parsed(sample("info-permission.json")).at(0);

    CHECK(
        told.repos.at(0).status.message ==
        "[PathOpenError] unable to list file info for path '/var/lib/pgbackrest/backup': [13] "
        "Permission denied");
    CHECK_THAT(
        parsed(sample("info-corrupt.json")).at(0).repos.at(0).status.message,
        ContainsSubstring("garbage\nFormatError"));
}

TEST_CASE("the tablespaces of a set are told when it is asked for alone", "[backrest]") {
    CHECK(
        parsed(sample("info-set.json")).at(0).backups.at(0).tablespaces ==
        std::vector<tablespace_info>{{16391, "ts1", "/srv/lab/ts1"}});
    CHECK(parsed(sample("info-full-diff-incr.json")).at(0).backups.at(0).tablespaces.empty());
}

TEST_CASE("a running backup is seen by its lock", "[backrest]") {
    const auto running = parsed(sample("info-while-running.json")).at(0);
    CHECK(running.lock_held);
    CHECK_FALSE(running.running_size);
    CHECK_FALSE(running.running_completed);

    CHECK_FALSE(parsed(sample("info-full-diff-incr.json")).at(0).lock_held);
}

TEST_CASE("later versions say how far a running backup is", "[backrest]") {
    const auto since_2_48 = parsed(sample("info-while-running-2.55.json"));
    CHECK(since_2_48[0].lock_held);
    CHECK(since_2_48[0].running_size == 203391552U);
    CHECK(since_2_48[0].running_completed == 0U);

    const auto since_2_59 = parsed(
        stanza(R"({"code":0,"message":"ok","lock":{"backup":{"held":true,"size":30,"size-cplt":20,)"
               R"("repo":[{"key":1,"size":10,"size-cplt":5},{"key":2,"size":20,"size-cplt":15}]},)"
               R"("restore":{"held":false}}})"));
    CHECK(since_2_59[0].lock_held);
    CHECK(since_2_59[0].running_size == 30U);
    CHECK(since_2_59[0].running_completed == 20U);
}

TEST_CASE("with block incremental only what a set adds to its repo is known", "[backrest]") {
    const auto told = parsed(sample("info-block-2.55.json")).at(0);

    REQUIRE(told.backups.size() == 4);
    CHECK(told.backups[0].repo_size == 77044379U);
    const auto& with_blocks = told.backups[3];
    CHECK(with_blocks.label == "20261122-121034F_20261122-121037I");
    CHECK(with_blocks.repo == 2);
    CHECK_FALSE(with_blocks.repo_size);
    CHECK(with_blocks.repo_delta == 14613U);
    CHECK(with_blocks.backrest_version == "2.55.1");
}

TEST_CASE("every known status code has its state and its name", "[backrest]") {
    for (const auto state :
         {info_state::ok, info_state::missing_stanza_path, info_state::no_valid_backups,
          info_state::missing_stanza_data, info_state::different_across_repos,
          info_state::database_mismatch, info_state::backup_not_found, info_state::other}) {
        const auto code = std::to_string(static_cast<int>(state));
        CAPTURE(code);
        const auto told = parsed(stanza("{\"code\":" + code + ",\"message\":\"words\"}"));
        CHECK(told[0].status.state == state);
        CHECK(to_string(state) != "unknown");
    }
}

TEST_CASE("an unknown status code is unknown and kept", "[backrest]") {
    for (const std::int64_t code :
         {std::int64_t{7}, std::int64_t{-1}, std::int64_t{98},
          std::numeric_limits<std::int64_t>::max()}) {
        CAPTURE(code);
        const auto told =
            parsed(stanza("{\"code\":" + std::to_string(code) + ",\"message\":\"new words\"}"));
        CHECK(told[0].status.state == info_state::unknown);
        CHECK(told[0].status.code == code);
        CHECK(told[0].status.message == "new words");
    }
    CHECK(to_string(info_state::unknown) == "unknown");
}

TEST_CASE("what may be absent stays empty", "[backrest]") {
    const auto bare = parsed(stanza(R"({"code":0})")).at(0);
    CHECK(bare.cipher.empty());
    CHECK(bare.status.message.empty());
    CHECK(bare.databases.empty());
    CHECK(bare.repos.empty());
    CHECK(bare.archives.empty());
    CHECK(bare.backups.empty());

    const auto least = parsed(backup("")).at(0).backups.at(0);
    CHECK(least.size == 3);
    CHECK(least.delta == 4);
    CHECK(least.repo == 1);
    CHECK_FALSE(least.prior);
    CHECK_FALSE(least.wal_start);
    CHECK_FALSE(least.lsn_stop);
    CHECK_FALSE(least.repo_size);
    CHECK_FALSE(least.repo_delta);
    CHECK_FALSE(least.page_error);
    CHECK(least.backrest_version.empty());
}

TEST_CASE("a repo size that block incremental leaves out stays empty", "[backrest]") {
    const auto told = parsed(stanza(
        ok, R"(,"backup":[{"label":"l","type":"full","timestamp":{"start":1,"stop":2},)"
            R"("info":{"size":3,"delta":4,"repository":{"delta":5,"delta-map":6,"size-map":7}},)"
            R"("database":{"id":1}}])"));

    CHECK_FALSE(told[0].backups[0].repo_size);
    CHECK(told[0].backups[0].repo_delta == 5U);
}

TEST_CASE("a page checksum error is shown", "[backrest]") {
    CHECK(parsed(backup(R"(,"error":true)"))[0].backups[0].page_error == true);
    CHECK_FALSE(parsed(backup(R"(,"error":null)"))[0].backups[0].page_error);
}

TEST_CASE("unknown keys are passed over", "[backrest]") {
    CHECK(parsed(backup(R"(,"new":{"deep":[1,2.5,{"x":null}]},"link":null)")).size() == 1);
}

TEST_CASE("several stanzas are read in order", "[backrest]") {
    const auto told =
        parsed(R"([{"name":"a","status":{"code":0}},{"name":"b","status":{"code":2}}])");

    REQUIRE(told.size() == 2);
    CHECK(told[0].name == "a");
    CHECK(told[1].name == "b");
    CHECK(told[1].status.state == info_state::no_valid_backups);
}

TEST_CASE("white space around the document is no harm", "[backrest]") {
    CHECK(parsed(" \n[]\n ").empty());
}

TEST_CASE("text that cannot be shown does not hide the backups", "[backrest]") {
    const auto told =
        parsed(backup(",\"annotation\":{\"who\":\"caf\xE9\",\"esc\":\"a\\u001b[31m\"}"));

    CHECK(
        told[0].backups[0].annotations ==
        std::map<std::string, std::string>{{"who", "caf?"}, {"esc", "a?[31m"}});
}

TEST_CASE("a refusal names the place", "[backrest]") {
    check_refused("{}", "info is an object and not an array");
    check_refused("null", "info is null and not an array");
    check_refused("[1]", "info[0] is a number and not an object");
    check_refused("[{}]", "info[0] has no name");
    check_refused(R"([{"name":"a"}])", "info[0] has no status");
    check_refused(R"([{"name":1}])", "info[0].name is a number and not a string");
    check_refused(stanza("{}"), "info[0].status has no code");
    check_refused(stanza(R"({"code":"0"})"), "info[0].status.code is a string and not an integer");
    check_refused(
        stanza(R"({"code":0.5})"),
        "info[0].status.code is a fraction or a number too large and not an integer");
    check_refused(
        stanza(R"({"code":0,"lock":{"backup":{"held":1}}})"),
        "info[0].status.lock.backup.held is a number and not a boolean");
    check_refused(
        stanza(R"({"code":0,"lock":[]})"), "info[0].status.lock is an array and not an object");
    check_refused(
        stanza(ok, R"(,"db":[{"id":1,"system-id":-1}])"),
        "info[0].db[0].system-id is a number and not an integer that is not negative");
    check_refused(
        stanza(ok, R"(,"db":[{"id":1,"system-id":18446744073709551616}])"),
        "info[0].db[0].system-id is a fraction or a number too large and not an integer that is "
        "not negative");
    check_refused(
        stanza(ok, R"(,"db":[{"id":1,"system-id":"7710882128658008358"}])"),
        "info[0].db[0].system-id is a string and not an integer that is not negative");
    check_refused(stanza(ok, R"(,"backup":{})"), "info[0].backup is an object and not an array");
    check_refused(stanza(ok, R"(,"backup":[{}])"), "info[0].backup[0] has no label");
    check_refused(
        stanza(ok, R"(,"repo":[{"key":1,"status":{"code":0}},{"key":2}])"),
        "info[0].repo[1] has no status");
    check_refused(
        stanza(ok, R"(,"archive":[{"id":"15-1","database":{"id":1},"min":5}])"),
        "info[0].archive[0].min is a number and not a string");
    check_refused(
        backup(R"(,"reference":["a",null])"),
        "info[0].backup[0].reference[1] is null and not a string");
    check_refused(
        backup(R"(,"annotation":{"k":true})"),
        "info[0].backup[0].annotation.k is a boolean and not a string");
}

TEST_CASE("what is no JSON is refused with the byte", "[backrest]") {
    const auto detail = [](const std::string& text) {
        const auto told = parse_info(text);
        CAPTURE(text);
        REQUIRE_FALSE(told.has_value());
        CHECK(told.error().code == errc::invalid);
        return told.error().detail;
    };

    CHECK_THAT(detail(""), ContainsSubstring("no JSON at byte 0, where the text ends"));
    CHECK_THAT(detail("  "), ContainsSubstring("where the text ends"));
    CHECK_THAT(detail("[] []"), ContainsSubstring("no JSON at byte 3, before '[]'"));
    CHECK_THAT(
        detail("2026-11-22 06:42:35.140 P00   INFO: info command begin\n[]"),
        ContainsSubstring("no JSON at byte 4, before '-11-22 06:42:35.140 P00 '"));
    CHECK_THAT(detail("[1,\x01]"), ContainsSubstring("before '?]'"));
    // Which of the two depends on the version of Boost.JSON: newer ones read it as infinity.
    CHECK_THAT(
        detail(stanza(R"({"code":1e999999999999})")),
        ContainsSubstring("no JSON at byte") || ContainsSubstring("not an integer"));
}

TEST_CASE("a document cut anywhere is refused and never throws", "[backrest]") {
    const auto whole = sample("info-full-diff-incr.json");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto told = parse_info(std::string_view(whole).substr(0, size));
        REQUIRE_FALSE(told.has_value());
        REQUIRE(told.error().code == errc::invalid);
    }
    CHECK(parse_info(whole).has_value());
}

TEST_CASE("a document with any byte changed never throws", "[backrest]") {
    const auto whole = sample("info-set.json");
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (const char byte : {'\0', '"', '[', '{', '}', '-', '9', '\xFF'}) {
            auto changed = whole;
            changed[at] = byte;
            const auto told = parse_info(changed);
            REQUIRE((told.has_value() || told.error().code == errc::invalid));
        }
    }
}

TEST_CASE("a document of any depth is refused and never overflows the stack", "[backrest]") {
    for (const auto& [open, close] : {std::pair{"[", "]"}, std::pair{"{\"a\":", "}"}}) {
        std::string deep;
        for (int i = 0; i < 100000; ++i) {
            deep += open;
        }
        CHECK_FALSE(parse_info(deep).has_value());
        deep += "1";
        for (int i = 0; i < 100000; ++i) {
            deep += close;
        }
        const auto told = parse_info(deep);
        REQUIRE_FALSE(told.has_value());
        CHECK_THAT(told.error().detail, ContainsSubstring("too deep"));
    }
}

TEST_CASE("a refusal does not repeat a document at length", "[backrest]") {
    const auto told = parse_info("[" + std::string(1000000, 'x') + "]");

    REQUIRE_FALSE(told.has_value());
    CHECK(told.error().detail.size() < 300);
}
