// How much a backup will copy, before pgBackRest 2.45 tells: the files of the data directory, or of
// those the ones that changed since the backup it builds on. Which directory that is shows in what
// pgBackRest's workers have open. Pure; the looking is done by find(1), in a process of its own.
#pragma once

#include "backrest/info.hpp"
#include "jobs/job.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::jobs {

/// The directory that holds a cluster's file: "/pg/data" for "/pg/data/base/5/1259". None for
/// another file.
[[nodiscard]] std::optional<std::filesystem::path> data_directory_of(
    const std::filesystem::path& file);

/// When the backup ended that this one builds on, in seconds since 1970; 0 when it copies all. What
/// has its time from before is hardly to be copied again: the checkpoint that a backup begins with
/// gives a new time to whatever was written before, so that its beginning would count all of that.
[[nodiscard]] std::int64_t copied_since(
    const job_spec& what, std::span<const backrest::stanza_info> stanzas);

/// Prints the size of each file to copy on a line of its own.
[[nodiscard]] std::vector<std::string> find_sizes(
    const std::filesystem::path& data_directory, std::int64_t since);

/// The sum of what it printed.
[[nodiscard]] std::uint64_t sum_of_sizes(std::string_view printed);

} // namespace restpoint::jobs
