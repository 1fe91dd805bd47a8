#include "backrest/archive_push.hpp"
#include "backrest/command.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace restpoint::backrest;
using restpoint::errc;

namespace {

using words = std::vector<std::string>;

const invocation how{"/usr/bin/pgbackrest", "/etc/pg.conf", "main"};

backup annotated(const std::string& key, const std::string& value) {
    return {.annotations = {{key, value}}};
}

} // namespace

TEST_CASE("a backup is one element per option with the command last", "[backrest]") {
    const backup what{
        .type = backup_type::full, .annotations = {{"user", "a b=c"}, {"reason", ""}}, .repo = 2};

    CHECK(
        to_argv(how, what) == words{
                                  "/usr/bin/pgbackrest", "--config=/etc/pg.conf", "--stanza=main",
                                  "--log-level-console=detail", "--log-level-stderr=off",
                                  "--log-level-file=off", "--type=full", "--annotation=reason=",
                                  "--annotation=user=a b=c", "--repo=2", "backup"});
}

TEST_CASE("a backup names no repo unless asked to", "[backrest]") {
    const auto argv = to_argv(how, backup{});

    CHECK(
        argv == words{
                    "/usr/bin/pgbackrest", "--config=/etc/pg.conf", "--stanza=main",
                    "--log-level-console=detail", "--log-level-stderr=off", "--log-level-file=off",
                    "--type=incr", "backup"});
}

TEST_CASE("a segment is pushed by itself and at once", "[backrest]") {
    const auto argv = archive_push_argv(how, "/kept/wal/000000010000000000000009");

    CHECK(
        argv == words{
                    "/usr/bin/pgbackrest", "--config=/etc/pg.conf", "--stanza=main",
                    "--log-level-console=off", "--log-level-stderr=error", "--log-level-file=off",
                    "--no-archive-async", "archive-push", "/kept/wal/000000010000000000000009"});
}

TEST_CASE("a segment is fetched by itself from the repo that is named", "[backrest]") {
    const auto argv = archive_get_argv(how, 2, "000000010000000000000009", "/work/tried");

    CHECK(
        argv == words{
                    "/usr/bin/pgbackrest", "--config=/etc/pg.conf", "--stanza=main", "--repo=2",
                    "--log-level-console=off", "--log-level-stderr=error", "--log-level-file=off",
                    "--no-archive-async", "archive-get", "000000010000000000000009",
                    "/work/tried"});
}

TEST_CASE("jobs log one ordered stream", "[backrest]") {
    const std::pair<command, words> jobs[] = {
        {stanza_create{}, {"stanza-create"}},
        {stanza_upgrade{}, {"stanza-upgrade"}},
        {expire{2, "20261122-064235F", true},
         {"--set=20261122-064235F", "--dry-run", "--repo=2", "expire"}},
        {annotate{"20261122-064235F", {{"a", "b"}, {"gone", ""}}, 3},
         {"--set=20261122-064235F", "--annotation=a=b", "--annotation=gone=", "--repo=3",
          "annotate"}},
        {check{}, {"check"}},
        {expire{}, {"expire"}},
        {expire{2}, {"--repo=2", "expire"}},
        {verify{}, {"--output=text", "verify"}},
        {verify{3}, {"--repo=3", "--output=text", "verify"}}};
    for (const auto& [what, tail] : jobs) {
        words expected{"/usr/bin/pgbackrest",    "--config=/etc/pg.conf",
                       "--stanza=main",          "--log-level-console=detail",
                       "--log-level-stderr=off", "--log-level-file=off"};
        expected.insert(expected.end(), tail.begin(), tail.end());
        CHECK(to_argv(how, what) == expected);
    }
}

TEST_CASE("info is quiet and filters by stanza", "[backrest]") {
    const words quiet{"/usr/bin/pgbackrest",     "--config=/etc/pg.conf",  "--stanza=main",
                      "--log-level-console=off", "--log-level-stderr=off", "--log-level-file=off"};
    auto as_json = quiet;
    as_json.insert(as_json.end(), {"--output=json", "info"});
    auto as_text = quiet;
    as_text.insert(as_text.end(), {"--output=text", "info"});

    CHECK(to_argv(how, info{}) == as_json);
    CHECK(to_argv(how, info{info::format::text}) == as_text);
}

TEST_CASE("info of one set names it and its repo", "[backrest]") {
    const auto argv = to_argv(how, info{.repo = 2, .set = "20261122-064235F"});

    CHECK(std::ranges::count(argv, "--repo=2") == 1);
    CHECK(std::ranges::count(argv, "--set=20261122-064235F") == 1);
    CHECK(argv.back() == "info");
}

TEST_CASE("info without a stanza tells of all", "[backrest]") {
    const auto argv = to_argv({"pgbackrest", "/etc/pg.conf", ""}, info{});

    CHECK(
        argv == words{
                    "pgbackrest", "--config=/etc/pg.conf", "--log-level-console=off",
                    "--log-level-stderr=off", "--log-level-file=off", "--output=json", "info"});
}

TEST_CASE("version is asked for without an option, which 2.55 would refuse", "[backrest]") {
    CHECK(to_argv(how, version{}) == words{"/usr/bin/pgbackrest", "version"});
}

TEST_CASE("a value that looks like an option stays inside of its element", "[backrest]") {
    const auto argv = to_argv(how, annotated("key", "--repo=7 --force\n--stanza=x"));

    CHECK(argv.size() == 9);
    CHECK(argv[7] == "--annotation=key=--repo=7 --force\n--stanza=x");
    CHECK(argv.back() == "backup");
}

TEST_CASE("backup types have the names of pgBackRest", "[backrest]") {
    for (const auto type : {backup_type::full, backup_type::diff, backup_type::incr}) {
        CHECK(parse_backup_type(to_string(type)) == type);
    }
    CHECK(to_string(backup_type::diff) == "diff");
    for (const auto* text : {"", "Full", "full ", "inc", "differential"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_backup_type(text));
    }
}

TEST_CASE("a shell gets quotes where it needs them", "[backrest]") {
    CHECK(
        to_shell({"pgbackrest", "--config=/etc/pg.conf", "info"}) ==
        "pgbackrest --config=/etc/pg.conf info");
    CHECK(to_shell({"a b"}) == "'a b'");
    CHECK(to_shell({"it's"}) == "'it'\\''s'");
    CHECK(to_shell({""}) == "''");
    CHECK(to_shell({"--x=$(rm)`ls`\"\\*?[]{}!#&;|<>~^"}) == "'--x=$(rm)`ls`\"\\*?[]{}!#&;|<>~^'");
    CHECK(to_shell({"A=b"}) == "'A=b'");
    CHECK(to_shell({"line\nend"}) == "'line\nend'");
    CHECK(to_shell({"caf\xC3\xA9"}) == "'caf\xC3\xA9'");
    CHECK(to_shell({}).empty());
}

TEST_CASE("a stanza's name is checked", "[backrest]") {
    const std::string good[] = {"main", "a", "9", "app-backups_1.x", std::string(64, 'a')};
    for (const auto& name : good) {
        CAPTURE(name);
        CHECK(validate_stanza(name).has_value());
    }
    const std::string bad[] = {"",    "-main", "_main",       ".",   "..",  "a/b",
                               "a b", "a\n",   "caf\xC3\xA9", "a=b", "a'b", std::string(65, 'a')};
    for (const auto& name : bad) {
        CAPTURE(name);
        const auto checked = validate_stanza(name);
        REQUIRE_FALSE(checked.has_value());
        CHECK(checked.error().code == errc::invalid);
        CHECK_THAT(checked.error().detail, StartsWith("stanza '"));
        CHECK_FALSE(checked.error().hint.empty());
    }
    CHECK_FALSE(validate_stanza(std::string_view("a\0b", 3)).has_value());
}

TEST_CASE(
    "a refused name is shown without its control characters and not at length", "[backrest]") {
    CHECK(
        validate_stanza("a\x1B[31m\xFF").error().detail ==
        "stanza 'a?[31m?' is not a stanza's name");
    CHECK(validate_stanza(std::string(100000, 'a')).error().detail.size() < 200);
}

TEST_CASE("annotations are checked by key", "[backrest]") {
    const std::string good[] = {"a", "ticket_id-2", "A", "0", std::string(64, 'k')};
    for (const auto& key : good) {
        CAPTURE(key);
        CHECK(validate(annotated(key, "x")).has_value());
    }
    const std::string bad[] = {"", "a b", "a=b", "a.b", "caf\xC3\xA9", "a\n", std::string(65, 'k')};
    for (const auto& key : bad) {
        CAPTURE(key);
        const auto checked = validate(annotated(key, "x"));
        REQUIRE_FALSE(checked.has_value());
        CHECK(checked.error().code == errc::invalid);
        CHECK_THAT(checked.error().detail, StartsWith("annotation key '"));
    }
}

TEST_CASE("annotations are checked by value", "[backrest]") {
    const std::string good[] = {
        "",
        "plain",
        "a=b --force",
        "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80",
        "'\"",
        std::string(512, 'v')};
    for (const auto& value : good) {
        CAPTURE(value);
        CHECK(validate(annotated("key", value)).has_value());
    }
    const std::string bad[] = {"a\nb",
                               "a\rb",
                               "a\tb",
                               std::string("a\0b", 3),
                               "\x7F",
                               "a\x1B[31m",
                               "\xC2\x85",
                               "caf\xE9",
                               "\xC0\xAF",
                               "\xED\xA0\x80",
                               std::string(513, 'v')};
    for (const auto& value : bad) {
        CAPTURE(value);
        const auto checked = validate(annotated("key", value));
        REQUIRE_FALSE(checked.has_value());
        CHECK(checked.error().code == errc::invalid);
        CHECK_THAT(checked.error().detail, ContainsSubstring("annotation 'key'"));
        CHECK_FALSE(checked.error().hint.empty());
    }
}

TEST_CASE("the refusal of a value says where and why", "[backrest]") {
    CHECK(
        validate(annotated("key", "ab\ncd")).error().detail ==
        "the value 'ab?cd' of annotation 'key' has a control character at byte 2");
    CHECK(
        validate(annotated("key", "caf\xE9")).error().detail ==
        "the value 'caf?' of annotation 'key' is not UTF-8 at byte 3");
    CHECK(
        validate(annotated("key", std::string(513, 'v'))).error().detail ==
        "the value of annotation 'key' has 513 bytes, more than 512");
}

TEST_CASE("every annotation is looked at", "[backrest]") {
    CHECK_FALSE(validate(backup{.annotations = {{"a", "good"}, {"b", "bad\n"}, {"c", "good"}}})
                    .has_value());
    CHECK(validate(backup{.annotations = {{"a", "good"}, {"b", "good"}}}).has_value());
}

TEST_CASE("annotations have a number, too", "[backrest]") {
    backup many;
    for (int i = 0; i < 32; ++i) {
        many.annotations.emplace("key-" + std::to_string(i), "v");
    }
    CHECK(validate(many).has_value());

    many.annotations.emplace("one-more", "v");
    CHECK(validate(many).error().detail == "33 annotations are too many");
}

TEST_CASE("a repo's number is between 1 and 256", "[backrest]") {
    CHECK(validate(backup{}).has_value());
    CHECK(validate(backup{.repo = 1}).has_value());
    CHECK(validate(backup{.repo = 256}).has_value());
    for (const int repo : {0, -1, 257}) {
        CAPTURE(repo);
        const auto checked = validate(backup{.repo = repo});
        REQUIRE_FALSE(checked.has_value());
        CHECK_THAT(checked.error().detail, ContainsSubstring(std::to_string(repo)));
    }
}

TEST_CASE("listing and reading a repo is quiet, and says why it failed", "[backrest]") {
    const words front{"/usr/bin/pgbackrest",
                      "--config=/etc/pg.conf",
                      "--stanza=main",
                      "--log-level-console=off",
                      "--log-level-stderr=error",
                      "--log-level-file=off",
                      "--repo=2"};
    auto list = front;
    list.insert(list.end(), {"repo-ls", "archive/main/15-1", "--recurse", "--output=json"});
    auto get = front;
    get.insert(get.end(), {"repo-get", "archive/main/15-1/00000002.history"});

    CHECK(to_argv(how, repo_ls{2, "archive/main/15-1"}) == list);
    CHECK(to_argv(how, repo_get{2, "archive/main/15-1/00000002.history"}) == get);
}

TEST_CASE("files of our own are put, listed and removed in pgBackRest's first repo", "[backrest]") {
    const words front{
        "/usr/bin/pgbackrest",     "--config=/etc/pg.conf",    "--stanza=main",
        "--log-level-console=off", "--log-level-stderr=error", "--log-level-file=off"};
    const auto all = [&front](const words& rest) {
        auto made = front;
        made.insert(made.end(), rest.begin(), rest.end());
        return made;
    };

    CHECK(to_argv(how, repo_put{"restpoint/x/y"}) == all({"repo-put", "restpoint/x/y"}));
    CHECK(to_argv(how, repo_rm{"restpoint/x"}) == all({"repo-rm", "restpoint/x", "--recurse"}));
    CHECK(
        to_argv(how, repo_ls{{}, "restpoint/x", false, "y$"}) ==
        all({"repo-ls", "restpoint/x", "--filter=y$", "--output=json"}));
}

TEST_CASE("an archive's path is made of a version and a number only", "[backrest]") {
    CHECK(archive_path("main", "15-1").value() == "archive/main/15-1");
    CHECK(archive_path("main", "9.6-2").value() == "archive/main/9.6-2");
    for (const auto* id :
         {"", "-1", "../x", "15-1/..", "15 1", "15-1\n", "111111111111111111111111111111111"}) {
        CAPTURE(id);
        const auto path = archive_path("main", id);
        REQUIRE_FALSE(path.has_value());
        CHECK(path.error().code == errc::invalid);
    }
}

TEST_CASE("a set is named by a label and nothing else", "[backrest]") {
    CHECK(validate(expire{}));
    CHECK(validate(expire{256, "20261122-064235F"}));
    CHECK(validate(annotate{"20261122-064235F", {{"a", ""}}}));
    for (const auto* label : {"latest", "--repo=2", "20261122-064235F --repo=2"}) {
        CAPTURE(label);
        CHECK_FALSE(validate(expire{{}, label}));
        CHECK_FALSE(validate(annotate{label, {{"a", "b"}}}));
    }
    CHECK_FALSE(validate(expire{0, "20261122-064235F"}));
    CHECK_FALSE(validate(annotate{"20261122-064235F", {{"a", "b"}}, 257}));
}

TEST_CASE("to annotate takes an annotation, and as good ones as a backup's", "[backrest]") {
    const auto changing = [](std::map<std::string, std::string> what) {
        return validate(annotate{"20261122-064235F", std::move(what)});
    };
    CHECK_FALSE(changing({}));
    CHECK_FALSE(changing({{"two words", "x"}}));
    CHECK_FALSE(changing({{"key", "line\nbreak"}}));
    std::map<std::string, std::string> many;
    for (int i = 0; i < 33; ++i) {
        many.emplace("k" + std::to_string(i), "v");
    }
    CHECK_FALSE(changing(many));
    many.erase("k32");
    CHECK(changing(many));
}

TEST_CASE(
    "a backup leaves out what it is told, and expires nothing when it must not", "[backrest]") {
    backup what;
    what.excludes = {".restpoint/"};
    what.expires = false;

    const auto argv = to_argv({}, what);

    REQUIRE(argv.size() > 3);
    CHECK(argv.back() == "backup");
    CHECK(argv[argv.size() - 2] == "--no-expire-auto");
    CHECK(argv[argv.size() - 3] == "--exclude=.restpoint/");
}

TEST_CASE("a restore of bare files says nothing of targets", "[backrest]") {
    restore what;
    what.set = "20261122-064235F";
    what.to = restore::type::none;
    what.into = "/new";
    what.delta = true;
    what.link_all = true;
    what.lock_path = "/lock";
    what.tablespaces = {{"16385", "/ts"}};

    const auto argv = to_argv({}, what);

    const auto has = [&](std::string_view word) {
        return std::find(argv.begin(), argv.end(), word) != argv.end();
    };
    for (const auto* word :
         {"--type=none", "--pg1-path=/new", "--delta", "--link-all", "--lock-path=/lock",
          "--tablespace-map=16385=/ts", "--set=20261122-064235F", "restore"}) {
        CAPTURE(word);
        CHECK(has(word));
    }
    for (const auto& word : argv) {
        CHECK_FALSE(word.starts_with("--target"));
    }
}

TEST_CASE("a restore says what pgbackrest would guess, and only what holds", "[backrest]") {
    restore what;
    what.repo = 2;
    what.set = "20261122-064235F";
    what.to = restore::type::time;
    what.target = "2026-11-22 08:29:36+00";
    what.timeline = 3;
    const auto timed = to_argv(how, what);
    for (const auto* const word :
         {"--repo=2", "--set=20261122-064235F", "--type=time", "--target=2026-11-22 08:29:36+00",
          "--target-timeline=3", "--target-action=promote", "restore"}) {
        INFO(word);
        CHECK(std::find(timed.begin(), timed.end(), word) != timed.end());
    }

    restore files;
    files.to = restore::type::none;
    files.into = "/new";
    files.delta = true;
    files.link_all = true;
    files.links = {{"pg_wal", "/wal"}};
    files.lock_path = "/lock";
    files.tablespaces = {{"16385", "/fast"}};
    files.databases = {"shop", "--x"};
    const auto bare = to_argv(how, files);
    for (const auto* const word :
         {"--type=none", "--pg1-path=/new", "--delta", "--link-all", "--link-map=pg_wal=/wal",
          "--lock-path=/lock", "--tablespace-map=16385=/fast", "--db-include=shop",
          "--db-include=--x", "restore"}) {
        INFO(word);
        CHECK(std::find(bare.begin(), bare.end(), word) != bare.end());
    }
    CHECK(std::none_of(bare.begin(), bare.end(), [](const std::string& word) {
        return word.starts_with("--target");
    }));
}

TEST_CASE("a look at a store gives up sooner than a job does", "[backrest]") {
    auto soon = how;
    soon.look_timeout = std::chrono::seconds{5};
    const auto has_option = [](const words& argv) {
        return std::ranges::count(argv, "--io-timeout=5") == 1;
    };

    CHECK(has_option(to_argv(soon, info{})));
    CHECK(has_option(to_argv(soon, repo_ls{1, "archive/main/15-1"})));
    CHECK(has_option(to_argv(soon, repo_get{1, "archive/main/15-1/00000002.history"})));
    CHECK_FALSE(has_option(to_argv(soon, backup{})));
    CHECK_FALSE(has_option(to_argv(soon, version{})));
    CHECK_FALSE(has_option(to_argv(how, info{})));
}

TEST_CASE("a configured io-timeout that is shorter stays", "[backrest]") {
    constexpr std::chrono::seconds five{5};

    CHECK(look_timeout({}) == five);
    for (const auto* longer : {"60", "1m", "6", "6s", "5001ms", "never", ""}) {
        CAPTURE(longer);
        CHECK(look_timeout(longer) == five);
    }
    for (const auto* shorter : {"5", "0.5", "3s", "5000ms"}) {
        CAPTURE(shorter);
        CHECK_FALSE(look_timeout(shorter).has_value());
    }
}
