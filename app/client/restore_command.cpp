#include "client/restore_command.hpp"

#include "client/address.hpp"
#include "client/report.hpp"
#include "client/restore_plan.hpp"
#include "client/start_job.hpp"
#include "client/terminal.hpp"
#include "client/values.hpp"
#include "client/watch.hpp"
#include "client/words.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace restpoint::client {
namespace {

/// The stanza's name, of --confirm or typed on a terminal.
result<std::string> confirmed(const order& what, const std::string& stanza, std::string_view deed) {
    if (!what.wish.confirm.empty()) {
        return what.wish.confirm;
    }
    if (!is_terminal(STDIN_FILENO) || !is_terminal(STDERR_FILENO)) {
        return failure{
            errc::invalid, fmt::format("{} must be confirmed", deed),
            fmt::format("--confirm={} confirms it where nobody types", stanza)};
    }
    const auto typed = ask_on_terminal(fmt::format(
        "{}: type the name of the stanza ({}) to go on, or nothing to leave: ", deed, stanza));
    if (typed != stanza) {
        return failure{
            errc::invalid, fmt::format("'{}' is not the name of the stanza", typed),
            "nothing was done"};
    }
    return typed;
}

void show_plan(const order& what, const restore_plan& plan, const std::string& body) {
    if (what.json) {
        if (what.wish.plan_only) {
            print_json(body);
        }
    } else if (what.wish.runbook) {
        fmt::print("{}", runbook_words(plan));
        if (!plan.can_be_carried_out) {
            fmt::print(stderr, "{}", plan_words(plan));
        }
    } else {
        // Of a restore standard output is for its end.
        fmt::print(what.wish.plan_only ? stdout : stderr, "{}", plan_words(plan));
        std::fflush(stdout);
    }
}

} // namespace

exit_code restore(const order& what, const door& to) {
    const auto said = exchange(to, request_of(what));
    if (!said || !said->good()) {
        return said ? report_refusal(*said, what.what) : report_failure(said.error());
    }
    const auto plan = parse_plan(said->body);
    if (!plan) {
        return report_failure(plan.error());
    }
    show_plan(what, *plan, said->body);
    if (!plan->can_be_carried_out) {
        fmt::print(stderr, "restpoint: this cannot be carried out; nothing was done\n");
        return exit_code::failed;
    }
    if (what.wish.plan_only) {
        return exit_code::good;
    }
    auto name = confirmed(what, plan->stanza, "the restore");
    if (!name) {
        print_failure(name.error());
        return exit_code::misused;
    }
    return start_job(what, to, restore_of(what, plan->id, plan->digest, *name));
}

exit_code after_restore(const order& what, const door& to) {
    const auto said = exchange(to, job_of(what.id));
    if (!said || !said->good()) {
        return said ? report_refusal(*said, what.what) : report_failure(said.error());
    }
    const auto job = parse_job(said->body);
    if (!job) {
        return report_failure(job.error());
    }
    const auto deed =
        what.what == verb::undo
            ? fmt::format("to undo job {} ({})", job->id, name_of(*job))
            : fmt::format("to give up the undo of job {} ({}), for good", job->id, name_of(*job));
    auto name = confirmed(what, job->stanza, deed);
    if (!name) {
        print_failure(name.error());
        return exit_code::misused;
    }
    auto sure = what;
    sure.wish.confirm = std::move(*name);
    return start_job(sure, to, request_of(sure));
}

} // namespace restpoint::client
