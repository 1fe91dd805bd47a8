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
    std::string phase = {}; ///< start | copy | archive | expire | end; empty before the first line
    std::optional<double> percent = {}; ///< 0..100, of the bytes to copy
    /// Sum of the sizes of the files copied, as pgBackRest rounds them, or what `info` says.
    std::optional<std::uint64_t> bytes_done = {};
    /// Estimated from the two above until the backup or `info` says it.
    std::optional<std::uint64_t> bytes_total = {};
    std::uint64_t files_done = 0;
    std::uint64_t bytes_logged = 0; ///< the log's share of the truth about bytes_done
    bool total_is_exact = false;    ///< `info` said it: the log's rounded figures do not count

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
