// Names and numbers of write-ahead log: segment files, timelines, positions. Pure.
//
// A segment's name is 24 hexadecimal digits: timeline, log, segment within the log (PostgreSQL,
// xlog_internal.h, XLogFileName). A log is 4 GiB of positions, so how many segments it has depends
// on wal_segment_size: 256 of 16 MB, 4 of 1 GB. Only with that size is a name a number that one can
// count with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::backrest {

/// A position in the log, in bytes since the beginning of all time ("0/16B3748").
using lsn = std::uint64_t;

/// What stands in a segment's name. Ordered as the names are: by timeline first.
struct segment_name {
    std::uint32_t timeline = 0;
    std::uint32_t log = 0;
    std::uint32_t segment = 0;

    friend bool operator==(const segment_name&, const segment_name&) = default;
    friend auto operator<=>(const segment_name&, const segment_name&) = default;
};

/// Exactly 24 digits 0-9A-F, as PostgreSQL writes them; none for anything else.
[[nodiscard]] std::optional<segment_name> parse_segment_name(std::string_view text);
[[nodiscard]] std::string to_string(const segment_name& name);

/// Exactly 8 digits 0-9A-F, as in "00000002.history"; none for timeline 0, which does not exist.
[[nodiscard]] std::optional<std::uint32_t> parse_timeline(std::string_view text);

/// "0/16B3748": two halves of 1 to 8 hexadecimal digits; none for anything else.
[[nodiscard]] std::optional<lsn> parse_lsn(std::string_view text);
[[nodiscard]] std::string lsn_text(lsn position);

/// A wal_segment_size and what follows from it.
class wal_layout {
  public:
    static constexpr std::uint64_t smallest = 1ULL << 20U;
    static constexpr std::uint64_t largest = 1ULL << 30U;

    /// The default of PostgreSQL: 16 MB.
    wal_layout() = default;

    /// None unless `segment_bytes` is a power of two from 1 MB to 1 GB (initdb, --wal-segsize).
    [[nodiscard]] static std::optional<wal_layout> of(std::uint64_t segment_bytes);

    [[nodiscard]] std::uint64_t segment_bytes() const { return segment_bytes_; }

    /// XLogSegmentsPerXLogId.
    [[nodiscard]] std::uint64_t segments_per_log() const { return (1ULL << 32U) / segment_bytes_; }

    /// Counts segments through all logs; none when no log has so many segments.
    [[nodiscard]] std::optional<std::uint64_t> number(const segment_name& name) const;

    /// The other way round, for a number that number() gave or one below it.
    [[nodiscard]] segment_name name(std::uint32_t timeline, std::uint64_t number) const;

    /// The segment that `position` lies in.
    [[nodiscard]] std::uint64_t number_at(lsn position) const { return position / segment_bytes_; }

    /// The first position behind a segment; the last one there is behind the last segment.
    [[nodiscard]] lsn end_of(std::uint64_t number) const;

    friend bool operator==(const wal_layout&, const wal_layout&) = default;

  private:
    std::uint64_t segment_bytes_ = 16ULL << 20U;
};

} // namespace restpoint::backrest
