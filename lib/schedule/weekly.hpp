// The schedule of the old image as definitions: one time of day per weekday, a full backup on
// Sunday, a differential one on other days (PG_BACKUP_TIME and PG_BACKUP_TIME_SUN … _SAT). Pure.
#pragma once

#include "base/result.hpp"
#include "schedule/definition.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::schedule {

/// Looks a variable up; none when it is not set.
using environment_lookup = std::function<std::optional<std::string>(std::string_view)>;

/// One definition for each day of the week, named as its variable and Sunday first; none when none
/// of the variables is set. An empty variable counts as not set, as it did for the old image.
/// PG_BACKUP_TIME alone sets every day; a day's own variable alone leaves the others at 00:30. The
/// zone is the one that TZ names, UTC without it. Every bad value is in the failure's detail.
[[nodiscard]] result<std::vector<definition>> weekly_from_environment(
    const environment_lookup& get);

/// Refuses names that begin like the schedule's variables and are none of them: PG_BACKUP_TIME_THU
/// would be no backup on Thursday. Other names are not looked at.
[[nodiscard]] result<> check_variable_names(const std::vector<std::string>& names);

} // namespace restpoint::schedule
