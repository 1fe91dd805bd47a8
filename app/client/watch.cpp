#include "client/watch.hpp"

#include "client/follow.hpp"
#include "client/report.hpp"
#include "client/terminal.hpp"
#include "client/words.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace restpoint::client {
namespace {

using namespace std::chrono_literals;

constexpr auto second_thoughts = 2s;

void say_how_to_come_back(const std::string& id) {
    fmt::print(stderr, "job {0} goes on; 'restpoint logs {0} --follow' comes back to it\n", id);
}

/// The answer to a question on the terminal; another Ctrl-C is a no.
bool says_yes(interrupts& ctrl_c) {
    std::array<pollfd, 2> waiting{{{STDIN_FILENO, POLLIN, 0}, {ctrl_c.fd(), POLLIN, 0}}};
    if (::poll(waiting.data(), waiting.size(), -1) <= 0 || waiting[1].revents != 0) {
        ctrl_c.take();
        fmt::print(stderr, "\n");
        return false;
    }
    std::array<char, 256> line{};
    const auto size = ::read(STDIN_FILENO, line.data(), line.size());
    return size > 0 && (line[0] == 'y' || line[0] == 'Y');
}

/// On a terminal a second Ctrl-C may cancel; who goes on watching sees it end.
after_interrupt ask_to_cancel(const door& to, const std::string& id, interrupts& ctrl_c) {
    fmt::print(
        stderr, "\njob {} goes on without you; Ctrl-C once more within 2 s to cancel it\n", id);
    if (!ctrl_c.wait(second_thoughts)) {
        return after_interrupt::detach;
    }
    fmt::print(stderr, "\ncancel job {}? [y/N] ", id);
    std::fflush(stderr);
    if (!says_yes(ctrl_c)) {
        return after_interrupt::detach;
    }
    const auto said = post(to, cancel_of(id));
    if (!said || !said->good()) {
        said ? report_refusal(*said, verb::cancel) : report_failure(said.error());
    }
    return after_interrupt::go_on;
}

/// What every way of watching says when it could not see the end.
exit_code report_no_end(const followed& seen, const std::string& id, verb what) {
    switch (seen.what) {
    case followed::how::refused:
        return report_refusal(seen.refused, what);
    case followed::how::lost:
        report_failure(seen.lost);
        say_how_to_come_back(id);
        return exit_code::unreachable;
    case followed::how::ended:
    case followed::how::left:
        break;
    }
    say_how_to_come_back(id);
    return exit_code::left;
}

/// Good news on standard output, bad news on standard error, where cron and its like look.
exit_code report_end(const order& what, const job& ended, const std::string& json) {
    const auto code = exit_code_of(ended.state);
    if (what.json) {
        print_json(json);
    } else if (code == exit_code::good) {
        fmt::print("{}", ending(ended, colour_of(STDOUT_FILENO)));
    } else {
        fmt::print(stderr, "{}", ending(ended, colour_of(STDERR_FILENO)));
    }
    return code;
}

} // namespace

exit_code wait_for_end(const order& what, const door& to, const job& started) {
    interrupts ctrl_c;
    narration told;
    follow_options options;
    options.id = started.id;
    options.level = "warn";
    const bool talks = !what.json && is_terminal(STDIN_FILENO) && is_terminal(STDERR_FILENO);
    options.interrupted = [&] {
        told.clear();
        return talks ? ask_to_cancel(to, started.id, ctrl_c) : after_interrupt::detach;
    };
    if (!what.json) {
        told.say(fmt::format("job {}: {}", started.id, name_of(started)));
        options.line = [&told](std::string_view line) { told.say(line); };
        options.moved = [&told](const progress& now) { told.moved(now); };
        options.trouble = [&told](const failure& why) {
            told.say(fmt::format("restpoint: {}; it is tried again, the job goes on", why.detail));
        };
    }
    const auto seen = follow(to, ctrl_c, options);
    told.clear();
    if (seen.what != followed::how::ended) {
        return report_no_end(seen, started.id, what.what);
    }
    const auto ended = parse_job(seen.job_json);
    return ended ? report_end(what, *ended, seen.job_json) : report_failure(ended.error());
}

exit_code wait_for_cancel(const order& what, const door& to) {
    interrupts ctrl_c;
    follow_options options;
    options.id = what.id;
    options.level = "error";
    options.interrupted = [] { return after_interrupt::detach; };
    const auto seen = follow(to, ctrl_c, options);
    if (seen.what != followed::how::ended) {
        return report_no_end(seen, what.id, what.what);
    }
    const auto ended = parse_job(seen.job_json);
    if (!ended) {
        return report_failure(ended.error());
    }
    if (what.json) {
        print_json(seen.job_json);
    } else {
        fmt::print("{}", ending(*ended, colour_of(STDOUT_FILENO)));
    }
    return ended->state == "cancelled" ? exit_code::good : exit_code::failed;
}

exit_code follow_log(const order& what, const door& to) {
    interrupts ctrl_c;
    follow_options options;
    options.id = what.id;
    options.level = what.level;
    options.interrupted = [] { return after_interrupt::detach; };
    options.line = [](std::string_view line) {
        fmt::print("{}\n", line);
        std::fflush(stdout); // whoever reads a pipe waits for each line
    };
    const auto seen = follow(to, ctrl_c, options);
    if (seen.what != followed::how::ended) {
        return report_no_end(seen, what.id, what.what);
    }
    const auto ended = parse_job(seen.job_json);
    if (!ended) {
        return report_failure(ended.error());
    }
    fmt::print(stderr, "{}", ending(*ended, colour_of(STDERR_FILENO)));
    return exit_code_of(ended->state);
}

} // namespace restpoint::client
