// What a shim leaves behind. A report that is taken can be written, and is then the same report.
#include "process/exit_report.hpp"
#include "support/fuzz.hpp"

#include <cmath>

namespace process = restpoint::process;

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

    const auto text = process::to_json(*report);
    const auto again = process::parse_exit_report(text);
    demand(again.has_value(), "a report can be written again");
    // Control characters are made harmless by the first writing; the second changes nothing.
    demand(process::to_json(*again) == text, "and is the same report");
}
