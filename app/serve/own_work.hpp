// The children of jobs that restpoint does itself: what they run, whether they are done, what they
// said.
#pragma once

#include "configuration.hpp"
#include "jobs/service.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace restpoint {

/// `orders` is a folder in the state directory: ORDER files, and reports beside them.
[[nodiscard]] jobs::own_work own_work_of(
    const configuration& configured, const std::filesystem::path& orders);

/// Removes the files of a job that has its last row.
void forget_order(const std::filesystem::path& orders, const jobs::job& ended);

} // namespace restpoint
