// The table of what stands under a [[schedule]].
#include "config/constraint.hpp"
#include "config/key_kinds.hpp"

namespace restpoint::config {
namespace {

using words = std::vector<std::pair<std::string, std::string>>;

/// The variables of the old image make schedules of these names.
constexpr std::string_view reserved = "PG_BACKUP_TIME";

verdict set_name(schedule_entry& s, const value& v) {
    const auto& given = std::get<std::string>(v);
    if (given.starts_with(reserved)) {
        return objection{
            "schedules of such names come from the variables of the same name",
            fmt::format("must not begin with {}", reserved)};
    }
    if (!is_name(given)) {
        return objection{};
    }
    s.name = given;
    return {};
}

bool is_expression(const std::string& given) {
    constexpr std::size_t longest = 1000;
    std::string without_tabs = given; // what a crontab has between its fields
    std::ranges::replace(without_tabs, '\t', ' ');
    return is_plain(without_tabs, longest);
}

bool is_zone(const std::string& given) {
    constexpr std::size_t longest = 64;
    return is_plain(given, longest);
}

schedule_key required(schedule_key row, std::string example) {
    row.needed = presence::required;
    row.example = std::move(example);
    return row;
}

std::vector<schedule_key> what_keys() {
    const schedule_key name = {
        .name = "schedule.name",
        .form = shape::text,
        .allowed =
            "a name of letters, digits, '-', '_' and '.', first a letter or digit, at most 64",
        .help =
            "What the schedule is called in the log and in its jobs; no two have the same. What "
            "has run is remembered by the name: a schedule that is renamed begins anew.",
        .set = set_name,
        .get = [](const schedule_entry& s) -> value { return s.name; }};
    const auto action = choice<schedule_entry>(
        "schedule.action", [](auto& s) -> auto& { return s.action; },
        words{{"backup", "backup"}, {"check", "check"}, {"verify", "verify"}, {"expire", "expire"}},
        "What to run. \"expire\" goes by the retention in pgBackRest's configuration.");
    auto type = choice<schedule_entry>(
        "schedule.type", [](auto& s) -> auto& { return s.type; },
        words{{"full", "full"}, {"diff", "diff"}, {"incr", "incr"}},
        "The type of the backup: needed for backups, refused for everything else. Of two scheduled "
        "backups that wait only the stronger stays: full over diff over incr.");
    type.example = "\"full\"";
    return {required(name, "\"weekly-full\""), required(action, "\"backup\""), type};
}

std::vector<schedule_key> when_keys() {
    const auto cron = text<schedule_entry>(
        "schedule.cron", [](auto& s) -> auto& { return s.cron; }, is_expression,
        "five fields as in a crontab, or one of @yearly, @monthly, @weekly, @daily, @hourly",
        "Minute, hour, day of the month, month, day of the week, with lists, ranges, steps and "
        "names (SUN, JAN). Where both days are restricted, one of them is enough. When the clocks "
        "change, an expression for every hour goes on by elapsed time. Any other runs once: a time "
        "that is skipped right after the gap, a time that comes twice the first time.");
    return {
        required(cron, "\"30 0 * * SUN\""),
        text<schedule_entry>(
            "schedule.time_zone", [](auto& s) -> auto& { return s.time_zone; }, is_zone,
            "the IANA name of a zone, such as \"Europe/Berlin\"", "The zone of the expression."),
        number<schedule_entry>(
            "schedule.jitter_s", [](auto& s) -> auto& { return s.jitter; }, 0, 86400,
            "Each run starts up to this much later, by an amount that differs from machine to "
            "machine, so that they do not all load one repository at once. Shorter than the time "
            "between two runs."),
        toggle<schedule_entry>(
            "schedule.catch_up", [](auto& s) -> auto& { return s.catch_up; },
            "Whether a run that is more than a minute late, because restpoint was down or "
            "something "
            "held it up, is made up for: the newest one, once. Those before it, or all without "
            "this, are recorded as missed."),
        choice<schedule_entry>(
            "schedule.run_on", [](auto& s) -> auto& { return s.run_on; },
            words{{"primary", "primary"}, {"any", "any"}},
            "\"primary\": PostgreSQL is asked each time, and where it is in recovery nothing is "
            "run. \"any\": everywhere."),
        toggle<schedule_entry>(
            "schedule.claim", [](auto& s) -> auto& { return s.claim; },
            "For servers that share a repo and their schedules, such as a primary and its "
            "standbys: each run is claimed in the repo first, which takes some ten seconds, and "
            "one machine alone runs it, whatever each takes itself for. While the repo does not "
            "answer, the run waits."),
        toggle<schedule_entry>(
            "schedule.enabled", [](auto& s) -> auto& { return s.enabled; },
            "false: nothing is run, and nothing is made up for once it is true again.")};
}

} // namespace

std::span<const schedule_key> schedule_keys() {
    static const std::vector<schedule_key> table = [] {
        auto all = what_keys();
        std::ranges::move(when_keys(), std::back_inserter(all));
        return all;
    }();
    return table;
}

} // namespace restpoint::config
