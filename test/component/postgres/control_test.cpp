// Starting and stopping by pg_ctl, by commands, and by nobody.
#include "control_fixture.hpp"
#include "postgres/control.hpp"

using namespace restpoint;
using namespace restpoint::postgres;
using namespace restpoint::postgres::test;
using namespace std::chrono_literals;

namespace {

control_options by_pg_ctl(const control_folder& folder) {
    return {
        .form = control_form::pg_ctl,
        .data_dir = folder.data(),
        .bin_dir = folder.file("bin"),
        .environment = {{"PATH=/usr/bin:/bin"}}};
}

control_options by_command(const control_folder& folder) {
    return {
        .form = control_form::command,
        .start_command = "echo started >>" + folder.file("done"),
        .stop_command = "echo stopped $RESTPOINT_STOP_MODE >>" + folder.file("done"),
        .environment = {{"PATH=/usr/bin:/bin"}}};
}

} // namespace

TEST_CASE("where nobody is named nothing is started or stopped", "[postgres][component]") {
    const control_folder folder;
    const auto control = make_control({.data_dir = folder.data()});

    const auto started = control->start(patiently());
    const auto stopped = control->stop(stop_mode::fast, patiently());

    REQUIRE(started.has_error());
    CHECK(started.error().code == errc::unavailable);
    CHECK_THAT(started.error().hint, ContainsSubstring("postgres.control"));
    CHECK(stopped.has_error());
    CHECK(control->status().value() == run_state::stopped);
    CHECK(control->hold("job-1").has_value());
    CHECK(control->release("job-1").has_value());
}

TEST_CASE("pg_ctl is told all that it must know", "[postgres][component]") {
    const control_folder folder;
    folder.program("pg_ctl", "for a; do echo \"$a\"; done >" + folder.file("arguments"));
    auto how = by_pg_ctl(folder);
    how.pg_ctl_options = "-c a=b";
    how.log_file = folder.file("log");

    REQUIRE(make_control(how)->start(within(30s)).has_value());

    CHECK_THAT(
        folder.read("arguments"),
        StartsWith(
            "-D\n" + folder.data().native() + "\n-l\n" + folder.file("log") + "\n-w\n-t\n") &&
            EndsWith("\n-o\n-c a=b\nstart\n"));
}

TEST_CASE("why PostgreSQL did not start is read in its log", "[postgres][component]") {
    const control_folder folder;
    folder.program(
        "pg_ctl", "echo 'FATAL:  no room' >>" + folder.file("log") +
                      "; echo 'Examine the log output.' >&2; exit 1");
    auto how = by_pg_ctl(folder);

    const auto silent = make_control(how)->start(patiently());
    how.log_file = folder.file("log");
    const auto told = make_control(how)->start(patiently());

    REQUIRE(silent.has_error());
    CHECK_THAT(silent.error().detail, EndsWith("exit code 1: Examine the log output."));
    CHECK_THAT(silent.error().hint, ContainsSubstring("postgres.log_file"));
    REQUIRE(told.has_error());
    CHECK(told.error().code == errc::unavailable);
    CHECK_THAT(told.error().detail, EndsWith("FATAL:  no room"));
    CHECK_THAT(told.error().hint, ContainsSubstring(folder.file("log")));
}

TEST_CASE("a pg_ctl that is not there is a failure with a way out", "[postgres][component]") {
    const control_folder folder;

    const auto started = make_control(by_pg_ctl(folder))->start(patiently());

    REQUIRE(started.has_error());
    CHECK_THAT(started.error().hint, ContainsSubstring("postgres.bin_dir"));
}

TEST_CASE("a server that runs need not be started", "[postgres][component]") {
    const control_folder folder;
    const stand_in server(folder, "true", "ready   ");
    const auto control = make_control(by_pg_ctl(folder)); // there is no pg_ctl at all

    CHECK(control->status().value() == run_state::running);
    CHECK(control->start(patiently()).has_value());
}

TEST_CASE("a server that goes on starting is said to", "[postgres][component]") {
    const control_folder folder;
    const stand_in server(folder, "true", "starting");
    const auto control = make_control(by_pg_ctl(folder));

    const auto started = control->start(within(100ms));

    CHECK(control->status().value() == run_state::starting);
    REQUIRE(started.has_error());
    CHECK(started.error().code == errc::timed_out);
}

TEST_CASE("a stop is INT or QUIT, and over when the server is", "[postgres][component]") {
    const control_folder folder;
    const auto mode = GENERATE(stop_mode::fast, stop_mode::immediate);
    const stand_in server(
        folder, "trap 'echo fast >told; exit' INT; trap 'echo immediate >told; exit' QUIT",
        "ready   ");
    const auto control = make_control(by_pg_ctl(folder));

    REQUIRE(control->stop(mode, patiently()).has_value());

    CHECK(server.has_ended());
    CHECK(folder.read("data/told") == (mode == stop_mode::fast ? "fast\n" : "immediate\n"));
    CHECK(control->status().value() == run_state::stopped);
    CHECK(control->stop(mode, patiently()).has_value());
}

TEST_CASE("a stop that takes too long says so, and leaves the server be", "[postgres][component]") {
    const control_folder folder;
    const stand_in server(folder, "trap '' INT", "ready   ");

    const auto stopped = make_control(by_pg_ctl(folder))->stop(stop_mode::fast, within(200ms));

    REQUIRE(stopped.has_error());
    CHECK(stopped.error().code == errc::timed_out);
    CHECK_THAT(stopped.error().hint, ContainsSubstring("immediate"));
    CHECK_FALSE(server.has_ended());
}

TEST_CASE("a postmaster.pid that another process has now means nothing", "[postgres][component]") {
    const control_folder folder;
    folder.write("data/postmaster.pid", std::to_string(::getpid()) + "\n/elsewhere\n");

    CHECK(make_control(by_pg_ctl(folder))->status().value() == run_state::stopped);
    CHECK(make_control({.data_dir = folder.data()})->status().value() == run_state::stopped);
    std::filesystem::remove_all(folder.data());
    CHECK(make_control(by_pg_ctl(folder))->status().has_error());
}

TEST_CASE("commands are run as they are written down", "[postgres][component]") {
    const control_folder folder;
    const auto control = make_control(by_command(folder));

    REQUIRE(control->start(patiently()).has_value());
    REQUIRE(control->stop(stop_mode::fast, patiently()).has_value());
    REQUIRE(control->stop(stop_mode::immediate, patiently()).has_value());

    CHECK(folder.read("done") == "started\nstopped fast\nstopped immediate\n");
    CHECK(control->status().value() == run_state::unknown);
}

TEST_CASE("a command of status speaks by its exit code", "[postgres][component]") {
    const control_folder folder;
    auto how = by_command(folder);
    const auto status = [&](const std::string& command) {
        how.status_command = command;
        return make_control(how)->status();
    };

    CHECK(status("exit 0").value() == run_state::running);
    CHECK(status("exit 3").value() == run_state::stopped);
    CHECK(status("exit 4").value() == run_state::unknown);
    how.data_dir = folder.data();
    CHECK(status("exit 0").value() == run_state::stopped); // there is no server in it
}

TEST_CASE("what runs is not started again, what is stopped not stopped", "[postgres][component]") {
    const control_folder folder;
    auto how = by_command(folder);

    how.status_command = "exit 0";
    CHECK(make_control(how)->start(patiently()).has_value());
    how.status_command = "exit 3";
    CHECK(make_control(how)->stop(stop_mode::fast, patiently()).has_value());

    CHECK(folder.read("done").empty());
}

TEST_CASE("a command that fails is told with its last line", "[postgres][component]") {
    const control_folder folder;
    auto how = by_command(folder);
    how.start_command = "echo one; echo 'no such unit' >&2; exit 5";
    how.stop_command = "echo stuck; exit 1";

    const auto started = make_control(how)->start(patiently());
    const auto stopped = make_control(how)->stop(stop_mode::fast, patiently());

    REQUIRE(started.has_error());
    CHECK_THAT(started.error().detail, EndsWith("ended with exit code 5: no such unit"));
    REQUIRE(stopped.has_error());
    CHECK_THAT(stopped.error().detail, EndsWith("ended with exit code 1: stuck"));
    how.start_command.clear();
    how.stop_command.clear();
    CHECK(make_control(how)->start(patiently()).has_error());
    CHECK(make_control(how)->stop(stop_mode::fast, patiently()).has_error());
}

TEST_CASE("a command that does not end is ended at the deadline", "[postgres][component]") {
    const control_folder folder;
    auto how = by_command(folder);
    how.stop_command = "sleep 1000";

    const auto stopped = make_control(how)->stop(stop_mode::fast, within(100ms));

    REQUIRE(stopped.has_error());
    CHECK(stopped.error().code == errc::timed_out);
    CHECK_THAT(stopped.error().hint, ContainsSubstring("archive command"));
}

TEST_CASE("a stop command that does not wait is waited for", "[postgres][component]") {
    const control_folder folder;
    const auto mode = GENERATE(stop_mode::fast, stop_mode::immediate);
    const stand_in server(folder, "trap 'sleep 0.2; exit' INT; trap exit QUIT", "ready   ");
    auto how = by_command(folder);
    how.data_dir = folder.data();
    // An immediate stop reaches the server though the command knows nothing of it.
    how.stop_command = mode == stop_mode::fast
                           ? "kill -INT $(head -n 1 " + folder.file("data/postmaster.pid") + ")"
                           : "true";

    REQUIRE(make_control(how)->stop(mode, patiently()).has_value());

    CHECK(server.has_ended());
}
