#include "jobs/schedule_record.hpp"

#include <array>
#include <utility>

namespace restpoint::jobs {

namespace {

constexpr std::string_view requester = "schedule ";

constexpr std::array<std::pair<run_outcome, std::string_view>, 7> words{{
    {run_outcome::started, "started"},
    {run_outcome::superseded, "superseded"},
    {run_outcome::missed, "missed"},
    {run_outcome::standby, "standby"},
    {run_outcome::paused, "paused"},
    {run_outcome::left, "left"},
    {run_outcome::failed, "failed"},
}};

} // namespace

std::string_view to_string(run_outcome outcome) {
    for (const auto& [value, word] : words) {
        if (value == outcome) {
            return word;
        }
    }
    // uncovered: the table names every value
    return "unknown";
}

std::optional<run_outcome> parse_run_outcome(std::string_view text) {
    for (const auto& [value, word] : words) {
        if (word == text) {
            return value;
        }
    }
    return std::nullopt;
}

std::string requested_by_schedule(std::string_view schedule) {
    return std::string(requester).append(schedule);
}

bool is_scheduled(const job& what) {
    return std::string_view(what.requested_by).substr(0, requester.size()) == requester;
}

} // namespace restpoint::jobs
