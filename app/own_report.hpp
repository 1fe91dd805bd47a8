// What the child of a job of restpoint's own work leaves for the service: ORDER.report, beside the
// file with its order.
#pragma once

#include "base/result.hpp"
#include "jobs/service.hpp"

#include <filesystem>
#include <string>

namespace restpoint {

[[nodiscard]] result<> write_own_report(
    const std::filesystem::path& order, const jobs::own_work::last_words& words);

/// Empty when there is none, or none that can be read.
[[nodiscard]] jobs::own_work::last_words read_own_report(const std::filesystem::path& order);

} // namespace restpoint
