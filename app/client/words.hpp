// What people read: sizes, jobs, lists, outcomes, refusals. Pure.
#pragma once

#include "client/command_line.hpp"
#include "client/values.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace restpoint::client {

/// "812 B", "34.1 MB": powers of 1000, as disks are sold.
[[nodiscard]] std::string size_words(std::uint64_t bytes);

/// "0.4 s", "3 min 20 s", "2 h 5 min".
[[nodiscard]] std::string span_words(double seconds);

/// "2026-11-22 16:30:00Z" of an RFC 3339 time in UTC; other text as it is.
[[nodiscard]] std::string time_words(std::string_view rfc3339);

/// "full backup of main".
[[nodiscard]] std::string name_of(const job& what);

enum class colour { none, ansi };

/// One sentence: what became of the job, and in further lines why.
[[nodiscard]] std::string ending(const job& what, colour how);

[[nodiscard]] std::string job_table(const std::vector<job>& all);
[[nodiscard]] std::string backup_table(const std::vector<backup>& all);

/// The state, and in further lines why it is not ok.
[[nodiscard]] std::string stanza_words(const stanza& what, colour how);

/// Whether it answers, and a line for each thing that is known of it.
[[nodiscard]] std::string server_words(const server& what);

[[nodiscard]] std::string schedule_table(const std::vector<schedule>& all);

/// One sentence: whether it runs, and when next.
[[nodiscard]] std::string schedule_sentence(const schedule& what);

/// One job, a line for each thing there is to say.
[[nodiscard]] std::string job_details(const job& what);

/// What the service said instead of doing `what`, and what to do now at a command line.
[[nodiscard]] std::string refusal(unsigned status, const problem& why, verb what);

} // namespace restpoint::client
