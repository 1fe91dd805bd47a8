// How a stanza is, from everything that was looked at: what is wrong, what is not known, and only
// then "ok". Pure.
#pragma once

#include "api/schedule_json.hpp"
#include "base/result.hpp"
#include "base/time_text.hpp"
#include "jobs/info_cache.hpp"
#include "jobs/job.hpp"
#include "jobs/window_answer.hpp"
#include "postgres/probe.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::api {

/// From good to bad: of several reasons the worst decides. `unknown` is never hidden behind `ok`,
/// only behind something that is known to be wrong.
enum class condition {
    ok,
    unknown,  ///< something could not be looked at
    degraded, ///< something that should be restorable is not, or soon will not be
    error     ///< there is nothing to restore from
};

[[nodiscard]] std::string_view to_string(condition what);

struct reason {
    condition what = condition::unknown;
    std::string_view code = {}; ///< stable: "wal-gap"
    std::string message = {};   ///< a sentence for people
    std::string hint = {};      ///< what to do about it; empty where the message says it
};

struct stanza_state {
    condition what = condition::ok;
    std::vector<reason> reasons = {}; ///< the worst first
};

/// A run that a schedule has planned.
struct planned_run {
    std::string schedule = {};
    std::string action = {};
    std::optional<backrest::backup_type> type = {};
    coming_run when = {};
};

/// Everything that was asked for one look at a stanza.
struct stanza_findings {
    std::string name = {};
    result<std::shared_ptr<const jobs::info_answer>> info = failure{};
    result<std::shared_ptr<const jobs::window_answer>> window = failure{};
    result<postgres::wal_facts> postgres = failure{};
    std::vector<std::string> strange_restores = {}; ///< that cannot be read: sentences
    std::optional<jobs::job> last_backup = {};      ///< the newest that was not cancelled
    std::optional<jobs::job> last_check = {};
    std::optional<jobs::job> last_verification = {};
    std::vector<planned_run> next_runs = {};     ///< of each schedule, the soonest first
    std::optional<past_run> last_scheduled = {}; ///< the newest of all schedules
    wall_time now = {};

    /// What info says of this stanza; null when it says nothing.
    [[nodiscard]] const backrest::stanza_info* stanza() const;

    /// The window of the timeline that PostgreSQL writes, else of the newest one, in the repo where
    /// it reaches furthest; null when there is none.
    [[nodiscard]] const backrest::timeline_window* live_window() const;

    /// The same; where an archive cannot be listed, as it was when it could be.
    [[nodiscard]] const backrest::timeline_window* last_live_window() const;
};

/// How far the repo is behind the server.
struct archive_lag {
    std::optional<backrest::lsn> live = {};     ///< written by PostgreSQL; none on a standby
    std::optional<backrest::lsn> archived = {}; ///< the end of what a restore can reach; while no
                                                ///< repo can be read, of what one could
    std::optional<std::uint64_t> bytes = {};    ///< between the two: what is lost with the server
};

[[nodiscard]] archive_lag find_lag(const stanza_findings& found);

/// The same of one archive: none where the timeline that PostgreSQL writes was never seen in it.
[[nodiscard]] std::optional<std::uint64_t> lag_of(
    const stanza_findings& found, const jobs::archive_answer& archive);

[[nodiscard]] stanza_state judge(const stanza_findings& found);

} // namespace restpoint::api
