#include "base/unique_fd.hpp"
#include "children.hpp"
#include "process/spawn.hpp"
#include "process/stat_line.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>

using namespace restpoint;
using namespace restpoint::process;
using namespace restpoint::process::test;

namespace {

/// Sockets and files as a careless library opens them: not CLOEXEC.
std::vector<unique_fd> leaky_descriptors() {
    std::vector<unique_fd> open;
    for (int i = 0; i < 20; ++i) {
        open.emplace_back(::socket(AF_UNIX, SOCK_STREAM, 0));
        open.emplace_back(::open("/dev/null", O_RDONLY));
        REQUIRE(open.back());
    }
    return open;
}

unique_fd file_with(const std::filesystem::path& path, const std::string& content) {
    std::ofstream(path) << content;
    unique_fd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    REQUIRE(fd);
    return fd;
}

unique_fd at_number(int wanted, const std::filesystem::path& path, const std::string& content) {
    const auto fd = file_with(path, content);
    REQUIRE(::fcntl(wanted, F_GETFD) < 0);
    REQUIRE(::dup2(fd.get(), wanted) == wanted);
    return unique_fd{wanted};
}

std::string line_of(const std::string& text, const std::string& key) {
    const auto at = text.find(key);
    REQUIRE(at != std::string::npos);
    return text.substr(at, text.find('\n', at) - at);
}

} // namespace

TEST_CASE("a child has the descriptors it was given and no other", "[process][component]") {
    const auto open = leaky_descriptors();
    const scratch at;
    const auto file = file_with(at / "given", "given");

    auto what = shell("ls /proc/$$/fd; cat <&7");
    what.descriptors.push_back({file.get(), 7});
    const auto child = run_to_end(what);

    CHECK(child.out == "0\n1\n2\n7\ngiven");
}

TEST_CASE("without close_range() a child has no other descriptors either", "[process][component]") {
    const auto open = leaky_descriptors();
    const scratch at;
    const auto result = at / "result";
    const auto output = unique_fd{::open(result.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    const auto file = file_with(at / "given", "given");

    const int code = in_fork([&] {
        forbid(SYS_close_range);
        auto what = shell("ls /proc/$$/fd");
        what.descriptors.push_back({output.get(), STDOUT_FILENO});
        what.descriptors.push_back({file.get(), 7});
        const auto child = spawn(what);
        return child && ::waitpid(*child, nullptr, 0) == *child ? 0 : 1;
    });

    CHECK(code == 0);
    CHECK(content_of(result) == "0\n1\n2\n7\n");
}

TEST_CASE("standard descriptors that are not named are /dev/null", "[process][component]") {
    const auto open = leaky_descriptors();

    const auto child = spawn({.argv = {"/bin/sleep", "300"}, .environment = {}});
    REQUIRE(child.has_value());
    const auto has_three_nulls = [listing = "/proc/" + std::to_string(*child) + "/fd"] {
        std::set<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator(listing)) {
            std::error_code closed_meanwhile; // the loader opens libraries at first
            const auto target = std::filesystem::read_symlink(entry.path(), closed_meanwhile);
            found.insert(entry.path().filename().native() + " " + target.native());
        }
        return found == std::set<std::string>{"0 /dev/null", "1 /dev/null", "2 /dev/null"};
    };

    CHECK(eventually(has_three_nulls));
    ::kill(*child, SIGKILL);
    ::waitpid(*child, nullptr, 0);
}

TEST_CASE("descriptors may change places", "[process][component]") {
    const scratch at;
    const auto a = at_number(50, at / "a", "a");
    const auto b = at_number(51, at / "b", "b");
    const auto c = at_number(52, at / "c", "c");

    auto what = shell("cat /proc/self/fd/50 /proc/self/fd/51 /proc/self/fd/52 /proc/self/fd/53");
    what.descriptors = {{50, 51}, {51, 52}, {52, 50}, {52, 53}};
    const auto child = run_to_end(what);

    CHECK(child.out == "cabc");
}

TEST_CASE("a descriptor may keep its number and loses its CLOEXEC", "[process][component]") {
    const scratch at;
    const auto a = at_number(50, at / "a", "kept");
    REQUIRE(::fcntl(50, F_SETFD, FD_CLOEXEC) == 0);

    auto what = shell("cat /proc/self/fd/50");
    what.descriptors = {{50, 50}};
    const auto child = run_to_end(what);

    CHECK(child.out == "kept");
    CHECK(::fcntl(50, F_GETFD) == FD_CLOEXEC); // ours is as it was
}

TEST_CASE("a child has a clean signal mask and no ignored signals", "[process][component]") {
    sigset_t blocked;
    sigset_t before;
    ::sigemptyset(&blocked);
    ::sigaddset(&blocked, SIGUSR1);
    ::sigaddset(&blocked, SIGCHLD);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    auto* const pipe_before = ::signal(SIGPIPE, SIG_IGN);
    auto* const hup_before = ::signal(SIGHUP, SIG_IGN);

    const auto child =
        run_to_end({.argv = {"cat", "/proc/self/status"}, .environment = {"PATH=/usr/bin:/bin"}});

    sigset_t after;
    ::pthread_sigmask(SIG_SETMASK, &before, &after);
    ::signal(SIGPIPE, pipe_before);
    ::signal(SIGHUP, hup_before);
    CHECK(line_of(child.out, "SigBlk:") == "SigBlk:\t0000000000000000");
    CHECK(line_of(child.out, "SigIgn:") == "SigIgn:\t0000000000000000");
    CHECK(::sigismember(&after, SIGUSR1) == 1); // and ours is what it was
    CHECK(::sigismember(&after, SIGTERM) == 0);
}

TEST_CASE("a child leads a session, or a group, of its own", "[process][component]") {
    spawn_request what{.argv = {"/bin/cat", "/proc/self/stat"}, .environment = {}};

    const auto in_session = parse_stat_line(run_to_end(what).out);
    what.group = grouping::own_group;
    const auto in_group = parse_stat_line(run_to_end(what).out);

    REQUIRE(in_session);
    CHECK(in_session->session == in_session->pid);
    CHECK(in_session->group == in_session->pid);
    REQUIRE(in_group);
    CHECK(in_group->session == ::getsid(0));
    CHECK(in_group->group == in_group->pid);
}

TEST_CASE(
    "a child has the arguments, environment and folder it was given", "[process][component]") {
    ::setenv("RESTPOINT_TEST_INHERITED", "1", 1);
    const scratch at;

    const auto environment =
        run_to_end({.argv = {"/usr/bin/env"}, .environment = {"A=1", "B=x y", "EMPTY="}});
    const auto arguments = run_to_end(
        {.argv = {"printf", "<%s>", "a b", "", "$x", "-n"}, .environment = {"PATH=/usr/bin"}});
    const auto folder = run_to_end({.argv = {"/bin/pwd"}, .environment = {}, .folder = at.path()});

    CHECK(environment.out == "A=1\nB=x y\nEMPTY=\n");
    CHECK(arguments.out == "<a b><><$x><-n>");
    CHECK(folder.out == at.path().native() + "\n");
}

TEST_CASE("a child that cannot be started is reported and leaves nothing", "[process][component]") {
    const scratch at;
    std::ofstream(at / "no_interpreter") << "#!/no/such/interpreter\n";
    std::ofstream(at / "not_executable") << "#!/bin/sh\n";
    std::ofstream(at / "no_format") << "neither a script nor a program\n";
    for (const auto* name : {"no_interpreter", "no_format"}) {
        REQUIRE(::chmod((at / name).c_str(), 0755) == 0);
    }
    const auto before = open_descriptors();
    struct line {
        spawn_request what;
        errc code;
        std::string says;
    };
    const std::vector<line> lines{
        {{{"/no/such/program"}, {}}, errc::not_found, "No such file"},
        {{{"/dev/null/x"}, {}}, errc::not_found, "Not a directory"},
        {{{"no-such-program"}, {"PATH=/usr/bin"}}, errc::not_found, "PATH '/usr/bin'"},
        {{{(at / "no_interpreter").native()}, {}}, errc::not_found, "no_interpreter"},
        {{{(at / "not_executable").native()}, {}}, errc::io, "Permission denied"},
        {{{(at / "no_format").native()}, {}}, errc::io, "Exec format error"},
        {{{at.path().native()}, {}}, errc::io, "Permission denied"},
        {{{"/bin/true"}, {}, {}, grouping::own_session, at / "gone"}, errc::io, "/gone'"},
        {{{"/bin/true"}, {}, {{9999, 5}}}, errc::io, "descriptors"},
        {{{"/bin/true"}, {}, {{0, 5}, {1, 5}}}, errc::invalid, "descriptor 5"},
        {{{"/bin/true"}, {}, {{0, -1}}}, errc::invalid, "descriptor -1"},
        {{{"/bin/true"}, {}, {}, grouping::own_session, "/", 4711}, errc::io, "Invalid argument"},
        {{{"/bin/true", std::string("a\0b", 3)}, {}}, errc::invalid, "zero byte"},
        {{{""}, {}}, errc::invalid, "no program"},
        {{{}, {}}, errc::invalid, "no program"},
    };

    for (const auto& l : lines) {
        CAPTURE(l.says);
        const auto child = spawn(l.what);
        REQUIRE_FALSE(child.has_value());
        CHECK(child.error().code == l.code);
        CHECK_THAT(child.error().detail, ContainsSubstring(l.says));
    }
    CHECK_FALSE(has_children());
    CHECK(open_descriptors() == before);
}

TEST_CASE("spawn fails with a reason when descriptors run out", "[process][component]") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const auto next_free = unique_fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)}.get();
    const auto open_before = open_descriptors();

    std::vector<errc> codes;
    for (rlim_t spare = 0; spare < 3; ++spare) { // of the three that the parent needs
        rlimit tight = before;
        tight.rlim_cur = static_cast<rlim_t>(next_free) + spare;
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &tight) == 0);
        const auto child = spawn({.argv = {"/bin/true"}, .environment = {}});
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
        codes.push_back(child ? errc::internal : child.error().code);
    }

    CHECK(codes == std::vector<errc>(3, errc::io));
    CHECK_FALSE(has_children());
    CHECK(open_descriptors() == open_before);
}

TEST_CASE("two hundred children leave no descriptor and no zombie", "[process][component]") {
    const auto before = open_descriptors();
    int good = 0;
    int bad = 0;

    for (int i = 0; i < 200; ++i) {
        const auto child =
            spawn({.argv = {i % 4 == 3 ? "/no/such/program" : "/bin/true"}, .environment = {}});
        int status = -1;
        if (child && ::waitpid(*child, &status, 0) == *child && status == 0) {
            ++good;
        } else if (!child) {
            ++bad;
        }
    }

    CHECK(good == 150);
    CHECK(bad == 50);
    CHECK_FALSE(has_children());
    CHECK(open_descriptors() == before);
}

TEST_CASE("a child tied to its parent does not outlive it", "[process][component]") {
    const scratch at;
    int ends[2] = {-1, -1};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const pid_t parent = ::fork();
    if (parent == 0) {
        spawn_request what{.argv = {"/bin/sleep", "300"}, .environment = {}};
        const auto free = spawn(what);
        what.dies_with_parent = SIGTERM;
        const auto tied = spawn(what);
        const std::array<pid_t, 2> pids{free ? *free : 0, tied ? *tied : 0};
        ::_exit(::write(ends[1], pids.data(), sizeof pids) > 0 && ::pause() ? 0 : 1);
    }
    std::array<pid_t, 2> pids{};
    REQUIRE(::read(ends[0], pids.data(), sizeof pids) == sizeof pids);
    ::close(ends[0]);
    ::close(ends[1]);
    const pid_t free = pids[0];
    const pid_t tied = pids[1];
    REQUIRE(free > 0);
    REQUIRE(tied > 0);
    const bool lived = identify(tied).has_value();

    ::kill(parent, SIGKILL);
    REQUIRE(::waitpid(parent, nullptr, 0) == parent);

    CHECK(lived);
    CHECK(eventually([tied] { return is_gone(tied); }));
    CHECK(identify(free).has_value());
    ::kill(free, SIGKILL);
}
