// The schedule of the old image: one time of day per weekday, a full backup on Sunday, a
// differential one on other days (PG_BACKUP_TIME and PG_BACKUP_TIME_SUN … _SAT). Pure.
//
// The rule at the two clock changes of a year: a time that the clock skips counts as the first
// minute after the gap; a time that comes twice counts once, the first time.
#pragma once

#include "backrest/command.hpp"
#include "base/result.hpp"
#include "base/time_text.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::schedule {

struct weekly {
    /// Minutes after midnight, index 0 is Sunday.
    std::array<std::chrono::minutes, 7> at{};
    std::string time_zone = "UTC"; ///< IANA name

    friend bool operator==(const weekly&, const weekly&) = default;
};

/// Looks a variable up; none when it is not set.
using environment_lookup = std::function<std::optional<std::string>(std::string_view)>;

/// None when none of the variables is set: then there is no such schedule. An empty one counts as
/// not set, as it did for the old image. PG_BACKUP_TIME alone sets every day; a day's own variable
/// alone leaves the others at 00:30. The zone is the one that TZ names, UTC without it. Every bad
/// value is in the failure's detail.
[[nodiscard]] result<std::optional<weekly>> weekly_from_environment(const environment_lookup& get);

/// Refuses names that begin like the schedule's variables and are none of them: PG_BACKUP_TIME_THU
/// would be no backup on Thursday. Other names are not looked at.
[[nodiscard]] result<> check_variable_names(const std::vector<std::string>& names);

struct due_backup {
    wall_time at = {};
    backrest::backup_type type = backrest::backup_type::diff;

    friend bool operator==(const due_backup&, const due_backup&) = default;
};

/// The first one strictly after `now`. Fails with `invalid` when the zone is not known.
[[nodiscard]] result<due_backup> next_due(const weekly& plan, wall_time now);

} // namespace restpoint::schedule
