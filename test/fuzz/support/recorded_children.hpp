// Takes the place of lib/process where that starts children: what would be started is noted, and
// nothing is. A target that links recorded_children.cpp cannot start a process at all.
#pragma once

#include <string>
#include <vector>

struct recorded_child {
    std::vector<std::string> argv; ///< of pgbackrest, with the program
    std::vector<std::string> environment;
};

/// Those since the last call.
[[nodiscard]] std::vector<recorded_child> take_children();

/// From now on the jobs that run end well, and those that begin end at once; until let_jobs_run().
void end_jobs();
void let_jobs_run();
