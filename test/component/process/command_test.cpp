#include "children.hpp"
#include "process/command.hpp"

#include <chrono>

using namespace restpoint::process;
using namespace restpoint::process::test;
using namespace std::chrono_literals;

namespace {

std::chrono::steady_clock::time_point far_away() {
    return std::chrono::steady_clock::now() + 1h;
}

} // namespace

TEST_CASE("a command's end and its words come back", "[process][component]") {
    const auto end = run_command(shell("echo one; echo two >&2; exit 7"), far_away());

    REQUIRE(end.has_value());
    CHECK(end->how.exit_code == 7);
    CHECK_FALSE(end->timed_out);
    CHECK(end->output == "one\ntwo\n");
    CHECK_FALSE(has_children());
}

TEST_CASE("of many words of a command the last are kept", "[process][component]") {
    const auto end = run_command(shell("seq 1 100000"), far_away());

    REQUIRE(end.has_value());
    CHECK(end->output.size() <= 16384);
    CHECK(end->output.ends_with("\n100000\n"));
}

TEST_CASE(
    "what a command leaves in the background is neither awaited nor hit", "[process][component]") {
    const scratch folder;
    const auto pid_file = folder / "pid";

    const auto end = run_command(
        shell(
            "setsid sh -c 'echo $$ >" + pid_file.native() + "; exec sleep 1000' & until [ -s " +
            pid_file.native() + " ]; do sleep 0.01; done; echo up"),
        far_away());

    REQUIRE(end.has_value());
    CHECK(end->how.exit_code == 0);
    CHECK(end->output == "up\n");
    const auto left = identify(pid_in(pid_file));
    REQUIRE(left.has_value());
    CHECK(::kill(left->pid, SIGKILL) == 0);
}

TEST_CASE("a command past its deadline is ended with what it has started", "[process][component]") {
    const scratch folder;
    const auto pid_file = folder / "pid";
    const bool is_stubborn = GENERATE(false, true);
    // The second one lets its signal wait for ever, and is killed.
    const std::string script =
        is_stubborn
            ? "trap '' TERM; echo $$ >" + pid_file.native() + "; while :; do sleep 0.05; done"
            : "sleep 1000 & echo $! >" + pid_file.native() + "; wait";

    const auto end = run_command(shell(script), std::chrono::steady_clock::now() + 300ms);

    REQUIRE(end.has_value());
    CHECK(end->timed_out);
    CHECK(end->how.signal == (is_stubborn ? SIGKILL : SIGTERM));
    CHECK(eventually([&] { return content_of(pid_file).empty() || is_gone(pid_in(pid_file)); }));
}

TEST_CASE("a command that is not there is a failure", "[process][component]") {
    const auto end = run_command({.argv = {"/no/such/program"}, .environment = {}}, far_away());

    REQUIRE(end.has_error());
    CHECK(end.error().code == restpoint::errc::not_found);
}
