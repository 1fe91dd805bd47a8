#include "jobs/conclusion.hpp"
#include "support/catch.hpp"

#include <csignal>

using namespace restpoint::jobs;

namespace {

job make(job_id id, job_kind kind, job_state state = job_state::queued) {
    job made;
    made.id = id;
    made.spec.kind = kind;
    made.spec.stanza = "main";
    made.state = state;
    return made;
}

constexpr auto begun =
    "2026-11-22 06:42:35.140 P00   INFO: backup command begin 2.45: --type=full\n";
constexpr auto completed =
    "2026-11-22 06:42:50.413 P00   INFO: new backup label = 20261122-064235F\n"
    "2026-11-22 06:42:50.414 P00   INFO: backup command end: completed successfully (1ms)\n";

job concluded(const run_end& how, const std::string& log) {
    auto ended = make(1, job_kind::backup, job_state::running);
    conclude(ended, how, log);
    return ended;
}

} // namespace

TEST_CASE("exit 0 is success and carries the label", "[jobs]") {
    const auto ended = concluded({.end = {.exit_code = 0}}, std::string(begun) + completed);

    CHECK(ended.state == job_state::succeeded);
    CHECK(ended.exit_code == 0);
    CHECK(ended.label == "20261122-064235F");
    CHECK_FALSE(ended.error);
}

TEST_CASE("a command that says its error has failed with it", "[jobs]") {
    const auto ended = concluded(
        {.end = {.exit_code = 82}},
        std::string(begun) + "2026-11-22 06:42:50.413 P00  ERROR: [082]: WAL was not archived\n");

    CHECK(ended.state == job_state::failed);
    REQUIRE(ended.error);
    CHECK(ended.error->code == 82);
    CHECK(ended.error->message == "WAL was not archived");
}

TEST_CASE("a cancelled command that had succeeded already has succeeded", "[jobs]") {
    const auto ended = concluded(
        {.end = {.exit_code = 0}, .stopped = stop_reason::cancel}, std::string(begun) + completed);

    CHECK(ended.state == job_state::succeeded);
}

TEST_CASE("who stopped a command decides what its end is called", "[jobs]") {
    const auto state = [](stop_reason why) {
        return concluded({.end = {.exit_code = 63}, .stopped = why}, begun).state;
    };

    CHECK(state(stop_reason::cancel) == job_state::cancelled);
    CHECK(state(stop_reason::shutdown) == job_state::interrupted);
    CHECK(state(stop_reason::none) == job_state::interrupted);
}

TEST_CASE("a command that died of its own fault has failed", "[jobs]") {
    CHECK(concluded({.end = {.signal = SIGSEGV}}, begun).state == job_state::failed);
    CHECK(concluded({.end = {.signal = SIGKILL}}, begun).state == job_state::failed);
    CHECK(concluded({.end = {.signal = SIGTERM}}, begun).state == job_state::interrupted);
}

TEST_CASE("without a report the log's last words count, and silence is never success", "[jobs]") {
    const run_end unseen;

    CHECK(concluded(unseen, std::string(begun) + completed).state == job_state::succeeded);
    CHECK(concluded(unseen, begun).state == job_state::interrupted);
    CHECK(concluded(unseen, "").state == job_state::interrupted);
}

TEST_CASE("a command that never ran is told apart from one that failed", "[jobs]") {
    const auto missing = concluded(
        {.child_was_started = false,
         .start_error = "no such program: /x/pgbackrest",
         .program_missing = true},
        "");
    CHECK(missing.state == job_state::failed);
    CHECK(missing.error->name == "program-missing");
    CHECK(missing.error->message == "no such program: /x/pgbackrest");

    const auto abandoned = concluded({.child_was_started = false, .abandoned = true}, "");
    CHECK(abandoned.state == job_state::interrupted);
    CHECK(abandoned.error->name == "abandoned");

    const auto cancelled = concluded(
        {.child_was_started = false, .abandoned = true, .stopped = stop_reason::cancel}, "");
    CHECK(cancelled.state == job_state::cancelled);
    CHECK_FALSE(cancelled.error);
}

TEST_CASE("exit 0 of a backup whose log proves nothing is no success", "[jobs]") {
    const auto silent = concluded({.end = {.exit_code = 0}}, begun);
    CHECK(silent.state == job_state::failed);
    CHECK(silent.error->name == "unproven");

    auto thinned = make(1, job_kind::backup, job_state::running);
    thinned.log_dropped = 3; // a full disk took the lines that would have proven it
    conclude(thinned, {.end = {.exit_code = 0}}, begun);
    CHECK(thinned.state == job_state::succeeded);
}

TEST_CASE("a shim that refused its job is told as a command that never ran", "[jobs]") {
    for (const int code : {71, 72, 73, 74}) {
        const auto refused = concluded({.shim_exit = code}, "");
        CAPTURE(code);
        CHECK(refused.state == job_state::failed);
        CHECK(refused.error->name == "not-started");
        CHECK_FALSE(refused.error->message.empty());
    }
    CHECK(
        concluded({.shim_exit = 70}, std::string(begun) + completed).state == job_state::succeeded);
}

TEST_CASE("an end that restpoint brought about names restpoint, not the kernel", "[jobs]") {
    CHECK_FALSE(
        concluded({.end = {.signal = SIGKILL}, .stopped = stop_reason::cancel}, begun).error);
    CHECK(
        concluded({.end = {.signal = SIGKILL}, .stopped = stop_reason::shutdown}, begun)
            .error->name == "stopped");
}
