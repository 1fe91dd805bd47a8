#include "jobs/conclusion.hpp"

#include "process/shim.hpp"

#include <csignal>

namespace restpoint::jobs {

namespace {

backrest::command_error not_started(const run_end& how) {
    if (how.abandoned) {
        return {
            .name = "abandoned",
            .message = "restpoint ended before the command was started",
            .hint = "nothing was run; ask for it again"};
    }
    return {
        .name = how.program_missing ? "program-missing" : "not-started",
        .message = how.start_error,
        .hint = how.program_missing ? "install pgbackrest, or set pgbackrest.binary to where it is"
                                    : "look at the message; nothing was run"};
}

/// A signal that asks a program to end, as against one that reports its own fault or the kernel's.
bool asked_to_end(const backrest::ending& end) {
    return !end.signal || *end.signal == SIGTERM || *end.signal == SIGINT || *end.signal == SIGHUP;
}

/// Whether a shim that left no report ended before it could start anything.
bool refused_to_start(const run_end& how) {
    const auto code = static_cast<process::shim_exit>(how.shim_exit.value_or(0));
    return code == process::shim_exit::refused || code == process::shim_exit::no_room ||
           code == process::shim_exit::already_running ||
           code == process::shim_exit::already_reported;
}

/// A backup whose log came through whole says that it completed. Exit code 0 alone, from a wrapper
/// that swallowed the rest, proves nothing.
bool is_unproven(const job& what, const backrest::outcome& judged) {
    return what.spec.kind == job_kind::backup && !judged.backup_completed && what.log_dropped == 0;
}

job_state stopped_state(const run_end& how) {
    switch (how.stopped) {
    case stop_reason::cancel:
        return job_state::cancelled;
    case stop_reason::shutdown:
        return job_state::interrupted;
    case stop_reason::none:
        break;
    }
    return asked_to_end(how.end) ? job_state::interrupted : job_state::failed;
}

} // namespace

void conclude(job& what, const run_end& how, std::string_view log_tail) {
    if (refused_to_start(how)) {
        what.state = job_state::failed;
        what.error = backrest::command_error{
            .name = "not-started",
            .message = std::string(explain(static_cast<process::shim_exit>(*how.shim_exit))),
            .hint =
                "nothing was run; look at the space and the permissions of the state directory"};
        return;
    }
    if (!how.child_was_started) {
        const bool asked_for = how.stopped != stop_reason::none;
        what.state = asked_for || how.abandoned ? stopped_state(how) : job_state::failed;
        if (!asked_for) {
            what.error = not_started(how);
        }
        return;
    }
    const auto judged = backrest::judge(how.end, log_tail);
    what.exit_code = how.end.exit_code;
    what.error = judged.error;
    what.label = judged.label;
    what.backup_size = judged.backup_size;
    what.expire_failed = judged.expire_failed;
    switch (judged.what) {
    case backrest::verdict::succeeded:
        what.state = job_state::succeeded;
        what.error.reset();
        if (is_unproven(what, judged)) {
            what.state = job_state::failed;
            what.error = backrest::command_error{
                .name = "unproven",
                .message = "the command ended with exit code 0, but its log does not say that the "
                           "backup completed",
                .hint = "look in info whether there is a new set; is pgbackrest.binary a wrapper "
                        "that keeps the output back?"};
        }
        break;
    case backrest::verdict::failed:
        what.state = job_state::failed;
        break;
    case backrest::verdict::terminated:
    case backrest::verdict::unseen:
        what.state = stopped_state(how);
        // Who asked for the end needs no advice on what may have caused it.
        if (how.stopped == stop_reason::cancel) {
            what.error.reset();
        } else if (how.stopped == stop_reason::shutdown) {
            what.error = backrest::command_error{
                .name = "stopped",
                .message = "restpoint was stopped and ended the command",
                .hint = "ask for it again; shutdown.running_jobs = \"leave\" lets jobs outlive "
                        "restpoint"};
        }
        break;
    }
}

} // namespace restpoint::jobs
