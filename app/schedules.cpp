#include "schedules.hpp"

#include "schedule/weekly.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace restpoint {
namespace {

using config::problem;
using config::schedule_entry;

std::string place_of(const schedule_entry& entry, const std::string& key) {
    const auto found = entry.sources.find(key);
    return found == entry.sources.end() ? entry.where : found->second;
}

problem refuse(const schedule_entry& entry, const std::string& key, const failure& why) {
    // Most details begin with the key, without its section.
    const bool named = why.detail.starts_with(config::leaf_of(key));
    return {
        .where = place_of(entry, key),
        .key = key,
        .detail = named ? fmt::format("{}.{}", config::section_of(key), why.detail)
                        : fmt::format("{}: {}", key, why.detail),
        .hint = why.hint};
}

/// What is wrong with the times of an entry, each at its own line, whatever else is wrong with it.
std::vector<problem> check_times(const schedule_entry& entry) {
    std::vector<problem> found;
    const bool has_cron = !entry.cron.empty();
    const auto when = schedule::parse_cron(entry.cron);
    if (has_cron && !when) {
        found.push_back(refuse(entry, "schedule.cron", when.error()));
    }
    const auto zone = schedule::clocks::of(entry.time_zone);
    if (!zone) {
        found.push_back(refuse(entry, "schedule.time_zone", zone.error()));
    }
    if (!when || !zone) {
        return found;
    }
    // The same times under a name and an action that are right by themselves: what is left to be
    // refused is the jitter.
    schedule::definition_text times;
    times.name = "times";
    times.action = "check";
    times.cron = entry.cron;
    times.time_zone = entry.time_zone;
    times.jitter = entry.jitter;
    if (const auto made = schedule::make_definition(times); !made) {
        found.push_back(refuse(entry, "schedule.jitter_s", made.error()));
    }
    return found;
}

schedule::definition_text text_of(const schedule_entry& entry) {
    schedule::definition_text text;
    text.name = entry.name;
    text.action = entry.action;
    if (!entry.type.empty()) {
        text.type = entry.type;
    }
    text.cron = entry.cron;
    text.time_zone = entry.time_zone;
    text.jitter = entry.jitter;
    text.catch_up = entry.catch_up;
    text.run_on = entry.run_on;
    text.claim = entry.claim;
    return text;
}

std::optional<std::string> variable(
    const std::vector<std::string>& environment, std::string_view name) {
    for (const auto& entry : environment) {
        if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
            return entry.substr(name.size() + 1);
        }
    }
    return {};
}

std::vector<std::string> names_of(const std::vector<std::string>& environment) {
    std::vector<std::string> names;
    for (const auto& entry : environment) {
        names.push_back(entry.substr(0, entry.find('=')));
    }
    return names;
}

/// Whether there is any variable of the old image's schedule that says something.
bool has_variables(const std::vector<std::string>& environment) {
    return std::ranges::any_of(environment, [](const auto& entry) {
        return entry.starts_with("PG_BACKUP_TIME") && !entry.ends_with('=');
    });
}

problem refuse_variables(const failure& why) {
    return {.where = "environment", .detail = why.detail, .hint = why.hint};
}

void add_from_variables(
    schedule_set& made, const std::vector<std::string>& environment,
    std::vector<problem>& problems) {
    if (const auto names = schedule::check_variable_names(names_of(environment)); !names) {
        problems.push_back(refuse_variables(names.error()));
    }
    auto plan = schedule::weekly_from_environment(
        [&](std::string_view name) { return variable(environment, name); });
    if (!plan) {
        problems.push_back(refuse_variables(plan.error()));
        return;
    }
    made.from_variables = !plan->empty();
    for (auto& what : *plan) {
        made.all.push_back({std::move(what), true});
    }
}

} // namespace

std::vector<schedule::definition> schedule_set::enabled() const {
    std::vector<schedule::definition> running;
    for (const auto& one : all) {
        if (one.enabled) {
            running.push_back(one.what);
        }
    }
    return running;
}

schedule_set make_schedules(
    std::span<const schedule_entry> written, const std::vector<std::string>& environment,
    std::vector<problem>& problems) {
    const bool right_so_far = problems.empty();
    schedule_set made;
    for (const auto& entry : written) {
        auto wrong = check_times(entry);
        if (right_so_far && wrong.empty()) {
            auto what = schedule::make_definition(text_of(entry));
            if (what) {
                made.all.push_back({std::move(*what), entry.enabled});
            } else {
                wrong.push_back(refuse(entry, "schedule", what.error()));
            }
        }
        std::ranges::move(wrong, std::back_inserter(problems));
    }
    if (written.empty()) {
        add_from_variables(made, environment, problems);
    } else {
        made.variables_ignored = has_variables(environment);
    }
    return made;
}

} // namespace restpoint
