// `pgbackrest version`, /proc/PID/stat: lines of other programs that are read as a whole or not.
#include "backrest/version.hpp"
#include "process/stat_line.hpp"
#include "support/fuzz.hpp"

#include <fmt/format.h>

namespace backrest = restpoint::backrest;
namespace process = restpoint::process;

namespace {

void check_version(std::string_view input) {
    const auto version = backrest::parse_version(input);
    if (!version) {
        return;
    }
    for (const int part : {version->major, version->minor, version->patch}) {
        demand(part >= 0 && part <= 9999, "a part of a version is a small number");
    }
    const auto again = backrest::parse_version("pgBackRest " + to_string(*version));
    demand(again == version, "a version can be written again");
    const auto can = backrest::features_of(*version);
    demand(!can.concurrent_repos || can.running_sizes_in_info, "what is newer can do more");
}

void check_stat_line(std::string_view input) {
    const auto line = process::parse_stat_line(input);
    if (!line) {
        return;
    }
    const auto again = process::parse_stat_line(fmt::format(
        "{} (a ) b) {} {} {} {} 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 {} 0", line->pid, line->state,
        line->parent, line->group, line->session, line->start_ticks));
    demand(again == line, "a process can be written again");
}

} // namespace

void probe(std::string_view input) {
    check_version(input);
    check_stat_line(input);
}
