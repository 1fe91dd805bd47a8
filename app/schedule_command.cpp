#include "schedule_command.hpp"

#include "configuration.hpp"
#include "schedule/occurrences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string_view>

namespace restpoint {
namespace {

/// The exit code for what another try cannot mend.
constexpr int wrong = 2;
constexpr int runs_shown = 5;

void print_line(std::string_view label, std::string_view text) {
    fmt::print("{:<11} {}\n", label, text);
}

/// A list of fifty minutes is longer than a line: it goes on below.
void print_expression(std::string text) {
    constexpr std::size_t width = 88;
    std::ranges::replace(text, '\t', ' ');
    std::string_view rest = text;
    std::string_view label = "cron";
    while (rest.size() > width) {
        const auto end = std::min(rest.find_last_of(", ", width - 1), width - 1) + 1;
        const auto line = rest.substr(0, end);
        print_line(label, line.substr(0, line.find_last_not_of(' ') + 1));
        rest.remove_prefix(end);
        label = "";
    }
    print_line(label, rest);
}

std::string what_it_does(const schedule::definition& what) {
    std::string text = what.type ? fmt::format("{} backup", backrest::to_string(*what.type))
                                 : std::string(schedule::to_string(what.what));
    text += what.where == schedule::run_on::primary ? ", only on the primary" : ", anywhere";
    text += what.claim ? ", claimed in the repo" : "";
    text +=
        what.catch_up ? ", the newest missed run is made up for" : ", no missed run is made up for";
    return text;
}

/// "Sun 2026-03-29 03:00:00 +02:00".
std::string in_zone(const schedule::clocks& zone, wall_time instant) {
    constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    const std::chrono::weekday day{std::chrono::floor<std::chrono::days>(zone.show(instant))};
    const auto text = zone.text(instant); // RFC 3339
    return fmt::format(
        "{} {} {} {}", days.at(day.c_encoding()), text.substr(0, 10), text.substr(11, 8),
        text.substr(19));
}

std::string in_utc(wall_time instant) {
    const auto text = rfc3339(instant);
    return fmt::format("{} {} UTC", text.substr(0, 10), text.substr(11, 8));
}

void print_runs(const schedule::definition& what, wall_time after) {
    std::string_view label = "next runs";
    for (int i = 0; i < runs_shown; ++i) {
        const auto due = schedule::next_run(what.when, what.zone, after);
        if (!due) {
            return;
        }
        print_line(label, fmt::format("{}   {}", in_zone(what.zone, *due), in_utc(*due)));
        after = *due;
        label = "";
    }
}

void print_schedule(const schedule::configured& one, wall_time now) {
    const auto& what = one.what;
    print_line("schedule", what.name);
    print_line("runs", what_it_does(what));
    print_expression(what.expression);
    print_line("time zone", what.zone.name());
    print_line(
        "jitter", what.jitter.count() == 0
                      ? "none"
                      : fmt::format("each run starts up to {} s later", what.jitter.count()));
    if (one.enabled) {
        print_runs(what, now);
    } else {
        print_line("next runs", "none: it is disabled (enabled = false)");
    }
}

int show(std::span<const std::string> flags) {
    const auto found = load_configuration(flags);
    if (!found.loaded.problems.empty()) {
        report_problems(found.loaded);
        return wrong;
    }
    if (found.schedules.all.empty()) {
        fmt::print("there are no schedules: neither a [[schedule]] in the configuration nor "
                   "PG_BACKUP_TIME\n");
        return 0;
    }
    const auto now = std::chrono::system_clock::now();
    for (bool first = true; const auto& one : found.schedules.all) {
        fmt::print("{}", first ? "" : "\n");
        print_schedule(one, now);
        first = false;
    }
    if (found.schedules.variables_ignored) {
        fmt::print("\nPG_BACKUP_TIME and its like are set and not used: the configuration names "
                   "schedules.\n");
    }
    return 0;
}

} // namespace

int run_schedule(std::span<const std::string> arguments) {
    if (arguments.empty() || arguments.front() != "show") {
        fmt::print(
            stderr, "restpoint: {}; there are: schedule show, list, run, pause, resume\n",
            arguments.empty() ? "schedule needs a subcommand"
                              : fmt::format("unknown subcommand 'schedule {}'", arguments.front()));
        return wrong;
    }
    return show(arguments.subspan(1));
}

} // namespace restpoint
