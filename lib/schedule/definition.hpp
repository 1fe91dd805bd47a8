// A schedule as it is configured: what runs, when, in which zone, and what becomes of a run that is
// late. Checked here and nowhere else. Pure.
#pragma once

#include "backrest/command.hpp"
#include "base/result.hpp"
#include "schedule/clocks.hpp"
#include "schedule/cron.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::schedule {

enum class action { backup, check, verify, expire };

/// Where a schedule runs that several machines share.
enum class run_on {
    primary, ///< only where PostgreSQL is not in recovery
    any
};

[[nodiscard]] std::string_view to_string(action what);
[[nodiscard]] std::string_view to_string(run_on where);

struct definition {
    std::string name = {};
    action what = action::backup;
    std::optional<backrest::backup_type> type = {}; ///< set for a backup, and only for one
    cron when = {};
    std::string expression = "* * * * *"; ///< `when` as it was written
    clocks zone = {};
    std::chrono::seconds jitter{0}; ///< each run starts less than this after its due time
    bool catch_up = true;           ///< the newest of the missed runs is made up for, late
    run_on where = run_on::primary;
    bool claim = false; ///< each run is claimed in the repo first: of several machines one runs it

    friend bool operator==(const definition&, const definition&) = default;
};

/// A definition as it stands in the configuration.
struct configured {
    definition what = {};
    bool enabled = true; ///< otherwise it runs nothing
};

/// What has to be equal for the memory of earlier runs to hold: the expression, however it is
/// spelt, and the zone.
[[nodiscard]] std::string fingerprint(const definition& what);

/// The values of a [[schedule]] table, not looked at yet.
struct definition_text {
    std::string name = {};
    std::string action = "backup";
    std::optional<std::string> type = {};
    std::string cron = {};
    std::string time_zone = "UTC";
    std::chrono::seconds jitter{0};
    bool catch_up = true;
    std::string run_on = "primary";
    bool claim = false;
};

/// Fails with `invalid`; the detail tells every problem, apart by "; ", each beginning with its
/// key, and the hint tells what to write, in the same order.
[[nodiscard]] result<definition> make_definition(const definition_text& text);

} // namespace restpoint::schedule
