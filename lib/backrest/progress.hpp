// How far a running command is, folded from its log lines. pgBackRest counts per finished file, so
// the figure is coarse.
#pragma once

#include "backrest/log_line.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace restpoint::backrest {

/// What the log and, where pgBackRest tells it, `info` have shown so far. Figures never go back, but
/// for the estimate of the total.
struct progress {
    std::string phase =
        {}; ///< start | copy | verify | archive | expire | end; empty before the first line
    std::optional<double> percent = {}; ///< of the bytes to copy; 100 when it is completed
    /// Sum of the sizes of the files copied, as pgBackRest rounds them, or what `info` says.
    std::optional<std::uint64_t> bytes_done = {};
    /// Estimated from the two above until the backup or `info` says it.
    std::optional<std::uint64_t> bytes_total = {};
    std::uint64_t files_done = 0;
    std::uint64_t bytes_logged = 0; ///< the log's share of the truth about bytes_done
    double logged_percent = 0;      ///< of the last file's line: what bytes_logged is of the whole
    bool total_is_exact = false;    ///< `info` said it: the log's rounded figures do not count
    bool completed = false;         ///< the log says so

    // While it copies, and somebody counts what it reads (progress_estimate.hpp).
    bool estimated = false;                  ///< the figures are more than the log and `info` say
    std::optional<double> rate = {};         ///< bytes a second
    std::optional<double> seconds_left = {}; ///< until all is copied

    friend bool operator==(const progress&, const progress&) = default;
};

/// `now` after one more line.
void advance(progress& now, const log_line& line);

/// `now` after `info` said how many bytes the running backup has copied, of how many (pgBackRest 2.48
/// and later). The answer may be older than the last line of the log.
void merge_sizes(progress& now, std::uint64_t completed, std::uint64_t total);

/// "897.1MB" → 940675891: a size as pgBackRest prints it (B, KB, MB, GB, TB, PB; powers of 1024).
/// None for anything else.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

} // namespace restpoint::backrest
