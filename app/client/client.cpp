#include "client/client.hpp"

#include "base/utf8.hpp"
#include "client/door.hpp"
#include "client/exit_code.hpp"
#include "client/report.hpp"
#include "client/restore_command.hpp"
#include "client/start_job.hpp"
#include "client/terminal.hpp"
#include "client/watch.hpp"
#include "client/window.hpp"
#include "client/words.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace restpoint::client {
namespace {

exit_code cancel(const order& what, const door& to) {
    const auto said = post(to, request_of(what));
    // What was asked twice may have ended the job the first time: its state tells.
    constexpr unsigned conflict = 409;
    const bool over = said && said->asked_twice && said->status == conflict && what.wait;
    if (!over && (!said || !said->good())) {
        return said ? report_refusal(*said, what.what) : report_failure(said.error());
    }
    if (what.wait) {
        return wait_for_cancel(what, to);
    }
    if (what.json) {
        print_json(said->body);
    } else {
        fmt::print("job {} is being cancelled\n", what.id);
    }
    return exit_code::good;
}

/// The log as it is now: its bytes where a program reads, harmless text where a person does.
exit_code print_log(const order& what, const door& to) {
    const bool looked_at = ::isatty(STDOUT_FILENO) == 1;
    std::string rest; // the beginning of a line, whose end has not come
    const auto print = [&](std::string_view bytes) {
        if (!looked_at) {
            std::fwrite(bytes.data(), 1, bytes.size(), stdout);
            return;
        }
        rest += bytes;
        const auto whole = rest.rfind('\n') + 1;
        fmt::print("{}", presentable(rest.substr(0, whole), whole));
        rest.erase(0, whole);
    };
    const auto said = exchange(to, request_of(what), print);
    if (!said || !said->good()) {
        return said ? report_refusal(*said, what.what) : report_failure(said.error());
    }
    fmt::print("{}", presentable(rest, rest.size()));
    return exit_code::good;
}

template <class Value, class Show>
exit_code print_value(const result<Value>& value, Show show) {
    if (!value) {
        return report_failure(value.error());
    }
    fmt::print("{}", show(*value));
    return exit_code::good;
}

/// Exits with `failed` when something is missing, whatever the form of the output.
exit_code show_window(const order& what, const std::string& body) {
    const auto found = parse_window(body);
    if (!found) {
        return report_failure(found.error());
    }
    if (what.json) {
        print_json(body);
    } else {
        fmt::print("{}", window_words(*found, what.stanza));
    }
    return is_whole(*found) ? exit_code::good : exit_code::failed;
}

/// The state of the stanza, and its backups.
exit_code show_info(const order& what, const door& to) {
    const auto asked = exchange(to, stanza_of(what));
    if (!asked || !asked->good()) {
        return asked ? report_refusal(*asked, what.what) : report_failure(asked.error());
    }
    const auto state = parse_stanza(asked->body);
    if (!state) {
        return report_failure(state.error());
    }
    const auto said = exchange(to, request_of(what));
    if (!said || !said->good()) {
        return said ? report_refusal(*said, what.what) : report_failure(said.error());
    }
    fmt::print("{}", stanza_words(*state, colour_of(STDOUT_FILENO)));
    return print_value(parse_backups(said->body), backup_table);
}

exit_code show(const order& what, const door& to) {
    if (what.what == verb::info && !what.json) {
        return show_info(what, to);
    }
    const auto asked = request_of(what);
    const auto said = asked.method == "GET" ? exchange(to, asked) : post(to, asked);
    if (!said || !said->good()) {
        return said ? report_refusal(*said, what.what) : report_failure(said.error());
    }
    if (what.what == verb::window) {
        return show_window(what, said->body);
    }
    if (what.json) {
        print_json(said->body);
        return exit_code::good;
    }
    switch (what.what) {
    case verb::jobs:
        return print_value(parse_jobs(said->body), job_table);
    case verb::schedule_list:
        return print_value(parse_schedules(said->body), schedule_table);
    case verb::schedule_pause:
    case verb::schedule_resume:
        return print_value(parse_schedule(said->body), schedule_sentence);
    case verb::postgres_status:
        return print_value(parse_server(said->body), server_words);
    default:
        return print_value(parse_job(said->body), job_details);
    }
}

exit_code carry_out(const order& what, const door& to) {
    switch (what.what) {
    case verb::backup:
    case verb::check:
    case verb::verify:
    case verb::expire:
    case verb::schedule_run:
    case verb::postgres_start:
    case verb::postgres_stop:
    case verb::postgres_restart:
        return start_job(what, to, request_of(what));
    case verb::cancel:
        return cancel(what, to);
    case verb::logs:
        return what.follow ? follow_log(what, to) : print_log(what, to);
    case verb::restore:
        return restore(what, to);
    case verb::undo:
    case verb::forget:
        return after_restore(what, to);
    case verb::info:
    case verb::window:
    case verb::jobs:
    case verb::job:
    case verb::schedule_list:
    case verb::schedule_pause:
    case verb::schedule_resume:
    case verb::postgres_status:
        break;
    }
    return show(what, to);
}

} // namespace

int run(verb what, std::span<const std::string> arguments, const usual_service& usual) {
    const auto url = variable("RESTPOINT_URL");
    const auto asked =
        parse_command_line(what, arguments, url.empty() ? usual : usual_service{url, {}});
    if (!asked) {
        print_failure(asked.error());
        return static_cast<int>(exit_code::misused);
    }
    const auto to = door_of(*asked);
    if (!to) {
        print_failure(to.error());
        return static_cast<int>(exit_code::misused);
    }
    return static_cast<int>(carry_out(*asked, *to));
}

} // namespace restpoint::client
