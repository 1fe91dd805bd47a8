#include "jobs/turns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <vector>

namespace restpoint::jobs {

const job* ahead_of(std::span<const job> unfinished, const job& mine) {
    const auto blocks = [&](const job& other) {
        return other.id < mine.id && other.spec.stanza == mine.spec.stanza &&
               !is_final(other.state) && excludes(other.spec.kind, mine.spec.kind);
    };
    const auto found = std::ranges::find_if(unfinished, blocks);
    return found == unfinished.end() ? nullptr : &*found;
}

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
        break;
    case backrest::verdict::failed:
        what.state = job_state::failed;
        break;
    case backrest::verdict::terminated:
    case backrest::verdict::unseen:
        what.state = stopped_state(how);
        break;
    }
}

} // namespace restpoint::jobs
