#include "process/shim.hpp"
#include "shim_fixture.hpp"

using namespace shim_test;

TEST_CASE("the log is what the child wrote, and the report its numbers", "[process][component]") {
    const temporary_folder folder;
    std::string written;
    for (int i = 0; i < 50'000; ++i) {
        written += "line " + std::to_string(i) + std::string(static_cast<std::size_t>(i % 97), 'x');
        written += '\n';
    }
    put(folder.file("written"), written);
    running_shim shim(folder.path(), shell("exec cat '" + folder.file("written") + "'"));

    shim.give_word();
    const auto report = shim.report();

    CHECK((shim.log() == written));
    CHECK(report.started);
    CHECK(report.exit_code == 0);
    CHECK_FALSE(report.signal.has_value());
    CHECK(report.lines == 50'000);
    CHECK(report.bytes == written.size());
    CHECK(report.noise == 0);
    CHECK(report.dropped == 0);
    CHECK(report.orphans == 0);
    CHECK(report.max_rss > 0);
    CHECK(report.started_at.size() == 24);
    CHECK(report.started_at <= report.finished_at);
}

TEST_CASE("noise is left out and counted", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), fake("noise"));

    shim.give_word();
    const auto report = shim.report();

    CHECK(report.noise == 10'000);
    CHECK(report.dropped == 0);
    CHECK(occurrences(shim.log(), "reference pg_data/") == 0);
    CHECK_THAT(shim.log(), ContainsSubstring("backup command begin"));
    CHECK_THAT(shim.log(), ContainsSubstring("expire command end: completed"));
    CHECK(report.lines == occurrences(shim.log(), "\n"));
}

TEST_CASE("the child is not started before the word", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), fake("ok", {{"FAKE_PIDS", folder.file("pids")}}));
    REQUIRE(eventually([&] { return tree_is_alive(shim.files()); }));

    SECTION("and never when nobody is left to give it") {
        shim.hang_up();
        const auto report = shim.report();
        CHECK_FALSE(report.started);
        CHECK(report.error_code == "abandoned");
        CHECK_FALSE(std::filesystem::exists(folder.file("pids")));
        CHECK(shim.log().empty());
    }
    SECTION("and never when it is stopped first") {
        const auto signal = GENERATE(SIGTERM, SIGINT, SIGUSR1);
        // Until it holds these signals back they end it: also right, but not what is tested here.
        REQUIRE(eventually(
            [&] { return std::filesystem::exists(shim.files().exit.native() + ".tmp"); }));
        shim.send(signal);
        const auto report = shim.report();
        CHECK_FALSE(report.started);
        CHECK(report.error_code == "abandoned");
        CHECK_FALSE(std::filesystem::exists(folder.file("pids")));
    }
    SECTION("but after it") {
        CHECK_FALSE(std::filesystem::exists(folder.file("pids")));
        shim.give_word();
        CHECK(shim.report().exit_code == 0);
        CHECK(std::filesystem::exists(folder.file("pids")));
    }
}

TEST_CASE("a word and the end of the file behind it is a word", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), fake("ok"));

    shim.give_word();
    shim.hang_up();

    CHECK(shim.report().exit_code == 0);
}

TEST_CASE("a second shim of a job does nothing", "[process][component]") {
    const temporary_folder folder;
    const auto pids = folder.file("pids");
    running_shim first(folder.path(), fake("wait-for-file", {{"FAKE_GATE", folder.file("gate")}}));
    first.give_word();
    REQUIRE(first.logs("backup command begin"));

    SECTION("while the first runs") {
        running_shim second(folder.path(), fake("ok", {{"FAKE_PIDS", pids}}));
        CHECK(second.wait() == static_cast<int>(shim_exit::already_running));
        CHECK(child_of(first.files()).has_value());
        put(folder.file("gate"), "");
        CHECK(first.report().exit_code == 0);
    }
    SECTION("when the first has reported") {
        put(folder.file("gate"), "");
        const auto before = first.report();
        running_shim second(folder.path(), fake("fail", {{"FAKE_PIDS", pids}}));
        CHECK(second.wait() == static_cast<int>(shim_exit::already_reported));
        CHECK((*read_exit_report(first.files()).value() == before));
    }
    CHECK_FALSE(std::filesystem::exists(pids));
}

TEST_CASE("a program that is not there is reported", "[process][component]") {
    const temporary_folder folder;
    job what;
    what.argv = {folder.file("pgbackrest") + std::string(2000, 'x'), "backup"};
    SECTION("by a path") {
        what.argv = {folder.file("no-such-program"), "backup"};
    }
    SECTION("by a name") {
        what.argv = {"no-such-program-of-restpoint", "backup"};
    }
    running_shim shim(folder.path(), what);

    shim.give_word();
    const auto report = shim.report();

    CHECK_FALSE(report.started);
    CHECK(report.error_code == "not_found");
    CHECK_THAT(report.error, ContainsSubstring("no-such-program"));
}

TEST_CASE("an error text of any length leaves room for the report", "[process][component]") {
    const temporary_folder folder;
    job what;
    what.argv = {folder.file(std::string(200'000, '\x01')), "backup"};
    running_shim shim(folder.path(), what);

    shim.give_word();
    const auto report = shim.report();

    CHECK_FALSE(report.started);
    CHECK_FALSE(report.error.empty());
    CHECK(std::filesystem::file_size(shim.files().exit) <= 4096);
}

TEST_CASE("the child's own end is reported as it was", "[process][component]") {
    const temporary_folder folder;

    SECTION("an error of pgBackRest") {
        running_shim shim(folder.path(), fake("fail"));
        shim.give_word();
        CHECK(shim.report().exit_code == 82);
        CHECK_THAT(shim.log(), ContainsSubstring("aborted with exception [082]\n"));
    }
    SECTION("an expire that failed after a good backup") {
        running_shim shim(folder.path(), fake("expire-fails"));
        shim.give_word();
        CHECK(shim.report().exit_code == 104);
        CHECK_THAT(shim.log(), ContainsSubstring("backup command end: completed successfully"));
        CHECK_THAT(
            shim.log(), ContainsSubstring("expire command end: aborted with exception [104]\n"));
    }
    SECTION("a crash") {
        running_shim shim(folder.path(), fake("crash"));
        shim.give_word();
        const auto report = shim.report();
        CHECK(report.signal == SIGSEGV);
        CHECK_FALSE(report.exit_code.has_value());
    }
}

TEST_CASE("a line is on the file while the child waits", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), fake("wait-for-file", {{"FAKE_GATE", folder.file("gate")}}));

    shim.give_word();

    CHECK(shim.logs("check archive for prior segment 000000010000000000000052\n"));
    put(folder.file("gate"), "");
    CHECK(shim.report().exit_code == 0);
}

TEST_CASE("the lock file names the child while it lives", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(
        folder.path(), fake(
                           "wait-for-file", {{"FAKE_GATE", folder.file("gate")},
                                             {"FAKE_PIDS", folder.file("pids")}}));
    shim.give_word();
    REQUIRE(eventually([&] { return child_of(shim.files()).has_value(); }));
    REQUIRE(shim.logs("backup command begin"));

    CHECK(std::to_string(child_of(shim.files())->pid) + "\n" == content(folder.file("pids")));
    CHECK(::getpgid(child_of(shim.files())->pid) == child_of(shim.files())->pid);
    put(folder.file("gate"), "");
    shim.report();
    CHECK_FALSE(child_of(shim.files()).has_value());
}

TEST_CASE("a child that closes its output is waited for", "[process][component]") {
    const temporary_folder folder;
    const auto gate = folder.file("gate");
    running_shim shim(
        folder.path(), shell(
                           "echo begin; exec >/dev/null 2>&1; touch '" + folder.file("closed") +
                           "'; while [ ! -e '" + gate + "' ]; do sleep 0.01; done; exit 7"));

    shim.give_word();
    REQUIRE(eventually([&] { return std::filesystem::exists(folder.file("closed")); }));
    REQUIRE(shim.logs("begin\n"));
    CHECK_FALSE(shim.has_ended());
    CHECK_FALSE(read_exit_report(shim.files()).value().has_value());
    put(gate, "");

    CHECK(shim.report().exit_code == 7);
}

TEST_CASE("standard error goes into the same stream, in order", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), shell("echo 1; echo 2 >&2; echo 3; echo 4 >&2"));

    shim.give_word();

    CHECK(shim.report().lines == 4);
    CHECK(shim.log() == "1\n2\n3\n4\n");
}

TEST_CASE("a child starts with a clean slate", "[process][component]") {
    const temporary_folder folder;
    auto what = shell("ls /proc/self/fd; grep -E '^Sig(Blk|Ign)' /proc/self/status; pwd");
    what.before = [] { std::signal(SIGHUP, SIG_IGN); };
    running_shim shim(folder.path(), what);

    shim.give_word();
    CHECK(shim.report().exit_code == 0);

    // 3 is the folder that ls reads; 9 the lock.
    CHECK(shim.log() == "0\n1\n2\n3\n9\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n/\n");
}
