// What a shim leaves behind. A report that is taken can be written, and is then the same report.
#include "process/exit_report.hpp"
#include "support/fuzz.hpp"

#include <cmath>

namespace process = restpoint::process;

namespace {

/// Boost.JSON reads numbers fast rather than to the last place.
bool near(double a, double b) {
    return std::abs(a - b) <= 1e-14 * (1e-9 + std::abs(a));
}

} // namespace

void probe(std::string_view input) {
    const auto report = process::parse_exit_report(input);
    if (!report) {
        demand(report.error().code == restpoint::errc::invalid, "what is no report is invalid");
        demand_readable(report.error());
        return;
    }
    demand(!report->exit_code || (*report->exit_code >= 0 && *report->exit_code <= 255), "a code");
    demand(!report->signal || (*report->signal >= 1 && *report->signal <= 64), "a signal");
    demand(!report->exit_code || !report->signal, "a child ends one way");
    demand(report->started || (!report->exit_code && !report->signal), "and only when it began");
    demand(
        std::isfinite(report->cpu_user) && report->cpu_user >= 0 &&
            std::isfinite(report->cpu_system) && report->cpu_system >= 0 && report->max_rss >= 0,
        "what was used is no less than nothing");

    // Control characters are made harmless by the first writing; the second changes nothing.
    const auto once = process::parse_exit_report(process::to_json(*report));
    demand(once.has_value(), "a report can be written again");
    auto twice = process::parse_exit_report(process::to_json(*once));
    demand(twice.has_value(), "and again");
    demand(
        near(once->cpu_user, twice->cpu_user) && near(once->cpu_system, twice->cpu_system),
        "the same times");
    twice->cpu_user = once->cpu_user;
    twice->cpu_system = once->cpu_system;
    demand(*twice == *once, "and is the same report");
}
