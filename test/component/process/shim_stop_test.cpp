// How a tree ends that does not end by itself, and what is left when the shim is the one to die.
#include "process/shim.hpp"
#include "shim_fixture.hpp"

using namespace shim_test;

namespace {

#ifdef __SANITIZE_THREAD__
constexpr bool thread_sanitizer = true;
#elif defined(__has_feature)
constexpr bool thread_sanitizer = __has_feature(thread_sanitizer);
#else
constexpr bool thread_sanitizer = false;
#endif

std::vector<pid_t> pids_in(const std::string& file) {
    std::istringstream in(content(file));
    std::vector<pid_t> pids;
    for (pid_t pid = 0; in >> pid;) {
        pids.push_back(pid);
    }
    return pids;
}

/// A leader and two workers, all at work.
job two_workers(const temporary_folder& folder, std::map<std::string, std::string> more = {}) {
    more["FAKE_PIDS"] = folder.file("pids");
    more["FAKE_WORKERS"] = "2";
    return fake("workers", std::move(more));
}

void wait_for_workers(const running_shim& shim, const temporary_folder& folder) {
    REQUIRE(eventually([&] { return pids_in(folder.file("pids")).size() == 3; }));
    REQUIRE(shim.logs(" P01 DETAIL: "));
    REQUIRE(shim.logs(" P02 DETAIL: "));
}

/// One that has ended still has a name until its parent, or the system, has taken note.
void nobody_is_left(const temporary_folder& folder) {
    for (const auto pid : pids_in(folder.file("pids"))) {
        CAPTURE(pid);
        CHECK(eventually([&] { return !identify(pid); }));
    }
}

} // namespace

TEST_CASE("TERM and INT are passed to the child as TERM", "[process][component]") {
    const temporary_folder folder;
    const auto signal = GENERATE(SIGTERM, SIGINT);
    running_shim shim(folder.path(), fake("hang"));
    shim.give_word();
    REQUIRE(shim.logs("backup command begin"));

    shim.send(signal);

    CHECK(shim.report().exit_code == 63);
    CHECK_THAT(shim.log(), ContainsSubstring("terminated on signal [SIGTERM]\n"));
}

TEST_CASE("HUP, PIPE and QUIT end neither the shim nor the child", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), fake("wait-for-file", {{"FAKE_GATE", folder.file("gate")}}));
    shim.give_word();
    REQUIRE(shim.logs("backup command begin"));

    shim.send(SIGHUP);
    if (!thread_sanitizer) { // whose own thread takes it in spite of the shim's mask
        shim.send(SIGPIPE);
    }
    shim.send(SIGQUIT);
    put(folder.file("gate"), "");

    CHECK(shim.report().exit_code == 0);
}

TEST_CASE("a child killed from outside is reported with its signal", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), fake("hang"));
    shim.give_word();
    REQUIRE(shim.logs("backup command begin"));
    REQUIRE(eventually([&] { return child_of(shim.files()).has_value(); }));

    REQUIRE(::kill(child_of(shim.files())->pid, SIGKILL) == 0);

    const auto report = shim.report();
    CHECK(report.signal == SIGKILL);
    CHECK(report.orphans == 0);
}

TEST_CASE("workers that outlive their leader are stopped and counted", "[process][component]") {
    const temporary_folder folder;
    auto what = two_workers(folder);
    what.orphan_grace_s = 3600; // longer than the test waits: TERM alone must do
    SECTION("when TERM is enough") {}
    SECTION("when they have left the group") {
        what.environment["FAKE_ESCAPE"] = "1";
    }
    SECTION("when they ignore it") {
        what.environment["FAKE_STUBBORN"] = "1";
        what.orphan_grace_s = 1;
    }
    SECTION("when they ignore it and have left the group") {
        what.environment["FAKE_STUBBORN"] = "1";
        what.environment["FAKE_ESCAPE"] = "1";
        what.orphan_grace_s = 0;
    }
    running_shim shim(folder.path(), what);
    shim.give_word();
    wait_for_workers(shim, folder);

    REQUIRE(::kill(pids_in(folder.file("pids")).front(), SIGKILL) == 0);

    const auto report = shim.report();
    CHECK(report.signal == SIGKILL);
    CHECK(report.orphans == 2);
    nobody_is_left(folder);
}

TEST_CASE("a lingering child does not hold up a leader's good end", "[process][component]") {
    const temporary_folder folder;
    auto what = fake("orphan", {{"FAKE_LINGER_MS", "200000"}, {"FAKE_PIDS", folder.file("pids")}});
    what.orphan_grace_s = 3600;
    running_shim shim(folder.path(), what);

    shim.give_word();

    const auto report = shim.report();
    CHECK(report.exit_code == 0);
    CHECK(report.orphans == 1);
    nobody_is_left(folder);
}

TEST_CASE("workers get TERM together with their leader", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), two_workers(folder));
    shim.give_word();
    wait_for_workers(shim, folder);

    shim.send(SIGTERM);

    CHECK(shim.report().exit_code == 63);
    nobody_is_left(folder);
}

TEST_CASE("USR1 kills what ignores TERM, wherever it hides", "[process][component]") {
    const temporary_folder folder;
    auto what = two_workers(folder, {{"FAKE_STUBBORN", "1"}, {"FAKE_ESCAPE", "1"}});
    what.orphan_grace_s = 3600;
    running_shim shim(folder.path(), what);
    shim.give_word();
    wait_for_workers(shim, folder);

    SECTION("at once") {
        shim.send(SIGUSR1);
        CHECK(shim.report().signal == SIGKILL);
    }
    SECTION("after a TERM that only the leader took") {
        shim.send(SIGTERM);
        REQUIRE(shim.logs("terminated on signal [SIGTERM]"));
        CHECK_FALSE(shim.has_ended());
        shim.send(SIGUSR1);
        CHECK(shim.report().exit_code == 63);
    }
    nobody_is_left(folder);
}

TEST_CASE(
    "who has a session of its own and not the lock outlives the job untouched",
    "[process][component]") {
    const temporary_folder folder;
    const auto pid_file = folder.file("pid");
    const std::string leave =
        "setsid sh -c 'exec 9>&-; echo $$ >" + pid_file + "; exec sleep 1000' >/dev/null 2>&1 & ";
    const std::string until_left = "until [ -s " + pid_file + " ]; do sleep 0.01; done; ";
    const bool is_killed = GENERATE(false, true);
    running_shim shim(
        folder.path(),
        shell(leave + until_left + (is_killed ? "echo there; exec sleep 1000" : "exit 3")));
    if (is_killed) {
        shim.give_word();
        REQUIRE(shim.logs("there"));
        shim.send(SIGUSR1);
    } else {
        shim.give_word();
    }

    const auto report = shim.report();

    const auto left = pids_in(pid_file);
    REQUIRE(left.size() == 1);
    const auto server = watch(identify(left.front()).value_or(identity{}));
    REQUIRE(server.has_value());
    CHECK(::kill(left.front(), SIGKILL) == 0);
    CHECK(report.orphans == 0);
    CHECK(report.exit_code == (is_killed ? std::optional<int>{} : 3));
}

TEST_CASE("a leader that ignores TERM is ended by USR1", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), fake("stubborn"));
    shim.give_word();
    REQUIRE(shim.logs("backup command begin"));

    shim.send(SIGTERM);
    shim.send(SIGUSR1);

    CHECK(shim.report().signal == SIGKILL);
}

TEST_CASE("when the shim is killed the child gets TERM", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), fake("hang", {{"FAKE_PIDS", folder.file("pids")}}));
    shim.give_word();
    REQUIRE(shim.logs("backup command begin"));

    shim.send(SIGKILL);

    CHECK(shim.wait() == -SIGKILL);
    CHECK(eventually([&] { return !tree_is_alive(shim.files()); }));
    CHECK_FALSE(read_exit_report(shim.files()).value().has_value());
    nobody_is_left(folder);
}

TEST_CASE("the workers of a killed shim are found by its lock file", "[process][component]") {
    const temporary_folder folder;
    // Silent, for a worker that writes into a pipe nobody reads ends by itself.
    auto what = two_workers(folder, {{"FAKE_STUBBORN", "1"}, {"FAKE_INTERVAL_MS", "200000"}});
    SECTION("in their group") {}
    SECTION("outside of it") {
        what.environment["FAKE_ESCAPE"] = "1";
    }
    running_shim shim(folder.path(), what);
    shim.give_word();
    wait_for_workers(shim, folder);
    shim.send(SIGKILL);
    REQUIRE(shim.wait() == -SIGKILL);
    const auto leader = pids_in(folder.file("pids")).front();
    REQUIRE(eventually([&] { return !identify(leader); }));
    REQUIRE(tree_is_alive(shim.files()));

    CHECK(signal_tree(shim.files(), SIGKILL) == 2);

    CHECK(eventually([&] { return !tree_is_alive(shim.files()); }));
    CHECK(signal_tree(shim.files(), SIGKILL) == 0);
    nobody_is_left(folder);
}

TEST_CASE("a tree in its shim's absence is signalled, and we are not", "[process][component]") {
    const temporary_folder folder;
    running_shim shim(folder.path(), fake("stubborn"));
    shim.give_word();
    REQUIRE(shim.logs("backup command begin"));
    const int ours = ::open(shim.files().lock.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(ours >= 0);
    shim.send(SIGKILL);
    REQUIRE(shim.wait() == -SIGKILL);
    REQUIRE(tree_is_alive(shim.files()));

    CHECK(signal_tree(shim.files(), SIGKILL) == 1);

    ::close(ours);
    CHECK(eventually([&] { return !tree_is_alive(shim.files()); }));
}

TEST_CASE(
    "a job without a lock file is not alive, and one that cannot be looked at is",
    "[process][component]") {
    const temporary_folder folder;

    CHECK_FALSE(tree_is_alive(files_of(folder.path(), "1")));
    CHECK(tree_is_alive(files_of(folder.path() / std::string(300, 'x'), "1")));
}
