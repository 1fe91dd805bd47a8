// What stands under [[schedule]] held against its table: each value by itself, what belongs
// together in one schedule, and the schedules beside each other.
#include "base/nearest.hpp"
#include "config/assignment.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace restpoint::config {
namespace {

/// More is a mistake of whatever wrote the file.
constexpr std::size_t most = 100;

std::string suggest(const std::string& unknown) {
    std::vector<std::string> names;
    for (const auto& row : schedule_keys()) {
        names.push_back(row.name);
    }
    const auto best = nearest(unknown, names);
    return best.empty() ? "'restpoint config table' lists every key"
                        : fmt::format("did you mean '{}'?", best);
}

class schedule_reader {
  public:
    explicit schedule_reader(std::vector<problem>& problems) : problems_(problems) {}

    schedule_entry read(const written_schedule& written) {
        entry_.where = written.where;
        for (const auto& what : written.keys) {
            take(what);
        }
        for (const auto& row : schedule_keys()) {
            const bool given =
                std::ranges::find(written.keys, row.name, &written_key::name) != written.keys.end();
            if (row.needed == presence::required && !given) {
                missing(row);
            }
        }
        check_type(
            std::ranges::find(written.keys, "schedule.type", &written_key::name) !=
            written.keys.end());
        return std::move(entry_);
    }

  private:
    void take(const written_key& what) {
        const auto row = std::ranges::find(schedule_keys(), what.name, &schedule_key::name);
        if (row == schedule_keys().end()) {
            problems_.push_back(
                {.where = what.where,
                 .detail = fmt::format("unknown key '{}'", what.name),
                 .hint = suggest(what.name)});
            return;
        }
        if (!fits(row->form, what.given)) {
            return complain(
                what, fmt::format(
                          "{} = {} has the wrong type: it must be {}", what.name, what.shown,
                          row->allowed));
        }
        if (const auto why = row->set(entry_, what.given)) {
            return complain(
                what,
                fmt::format(
                    "{} = {} {}", what.name, toml_text(what.given),
                    why->detail.empty() ? "must be " + row->allowed : why->detail),
                why->hint);
        }
        entry_.sources[what.name] = what.where;
    }

    void missing(const schedule_key& row) {
        problems_.push_back(
            {.where = entry_.where,
             .key = row.name,
             .detail = fmt::format("{} is missing: it must be {}", row.name, row.allowed),
             .hint = fmt::format("for example {} = {}", leaf_of(row.name), row.example)});
    }

    void check_type(bool written) {
        if (entry_.action == "backup" && !written) {
            const auto row =
                std::ranges::find(schedule_keys(), "schedule.type", &schedule_key::name);
            missing(*row);
        } else if (!entry_.action.empty() && entry_.action != "backup" && !entry_.type.empty()) {
            problems_.push_back(
                {.where = entry_.sources.at("schedule.type"),
                 .key = "schedule.type",
                 .detail = fmt::format(
                     "schedule.type = \"{}\" does not go with action = \"{}\"", entry_.type,
                     entry_.action),
                 .hint = "only a backup has a type"});
        }
    }

    void complain(const written_key& what, std::string detail, std::string hint = {}) {
        problems_.push_back(
            {.where = what.where,
             .key = what.name,
             .detail = std::move(detail),
             .hint = std::move(hint)});
    }

    std::vector<problem>& problems_;
    schedule_entry entry_;
};

void check_unique(
    const std::vector<schedule_entry>& before, const schedule_entry& entry,
    std::vector<problem>& problems) {
    const auto same = std::ranges::find(before, entry.name, &schedule_entry::name);
    if (!entry.name.empty() && same != before.end()) {
        problems.push_back(
            {.where = entry.sources.at("schedule.name"),
             .key = "schedule.name",
             .detail = fmt::format(
                 "schedule.name = \"{}\" is the name of another schedule already, at {}",
                 entry.name, same->where),
             .hint = "what has run is remembered by the name: give each its own"});
    }
}

} // namespace

void take_schedules(const std::vector<written_schedule>& written, loaded& into) {
    auto& all = into.values.schedules;
    for (const auto& one : written) {
        if (all.size() == most) {
            into.problems.push_back(
                {.where = one.where,
                 .key = "schedule",
                 .detail = fmt::format(
                     "there are {} schedules, and at most {} are taken", written.size(), most)});
            return;
        }
        auto entry = schedule_reader(into.problems).read(one);
        check_unique(all, entry, into.problems);
        all.push_back(std::move(entry));
    }
}

} // namespace restpoint::config
