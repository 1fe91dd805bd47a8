// The schedules that hold: those of the configuration file or, as long as it names none, those of
// the old image's variables. The place where what is written becomes what it means.
#pragma once

#include "config/load.hpp"
#include "schedule/definition.hpp"

#include <span>
#include <string>
#include <vector>

namespace restpoint {

struct schedule_set {
    std::vector<schedule::configured> all = {}; ///< in the order they are written
    bool from_variables = false;    ///< of the old image: the stanza is made ready at start too
    bool variables_ignored = false; ///< they are set, and the file names schedules

    /// Those that are to run.
    [[nodiscard]] std::vector<schedule::definition> enabled() const;
};

/// `environment` holds "NAME=value". What is wrong with an expression, a zone or a variable is
/// added to the problems, in the form of the others; schedules of which something is wrong are left
/// out.
[[nodiscard]] schedule_set make_schedules(
    std::span<const config::schedule_entry> written, const std::vector<std::string>& environment,
    std::vector<config::problem>& problems);

} // namespace restpoint
