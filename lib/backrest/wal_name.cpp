#include "backrest/wal_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace restpoint::backrest {

namespace {

constexpr std::size_t digits = 8; ///< of each part of a name

bool is_upper_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

/// All of `text` as a hexadecimal number of 32 bits.
std::optional<std::uint32_t> parse_hex(std::string_view text) {
    std::uint32_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value, 16);
    return error == std::errc{} && stopped == end ? std::optional(value) : std::nullopt;
}

std::optional<std::uint32_t> parse_part(std::string_view text) {
    return text.size() == digits && std::all_of(text.begin(), text.end(), is_upper_hex)
               ? parse_hex(text)
               : std::nullopt;
}

} // namespace

std::optional<segment_name> parse_segment_name(std::string_view text) {
    if (text.size() != 3 * digits) {
        return std::nullopt;
    }
    const auto timeline = parse_timeline(text.substr(0, digits));
    const auto log = parse_part(text.substr(digits, digits));
    const auto segment = parse_part(text.substr(2 * digits));
    if (!timeline || !log || !segment) {
        return std::nullopt;
    }
    return segment_name{*timeline, *log, *segment};
}

std::string to_string(const segment_name& name) {
    return fmt::format("{:08X}{:08X}{:08X}", name.timeline, name.log, name.segment);
}

std::optional<std::uint32_t> parse_timeline(std::string_view text) {
    const auto number = parse_part(text);
    return number != 0U ? number : std::nullopt;
}

std::optional<lsn> parse_lsn(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == text.npos || slash > digits || text.size() - slash - 1 > digits) {
        return std::nullopt;
    }
    const auto high = parse_hex(text.substr(0, slash));
    const auto low = parse_hex(text.substr(slash + 1));
    if (!high || !low) {
        return std::nullopt;
    }
    return lsn{*high} << 32U | *low;
}

std::string lsn_text(lsn position) {
    return fmt::format("{:X}/{:X}", position >> 32U, position & 0xFFFFFFFFU);
}

std::optional<wal_layout> wal_layout::of(std::uint64_t segment_bytes) {
    const bool power_of_two = (segment_bytes & (segment_bytes - 1)) == 0;
    if (!power_of_two || segment_bytes < smallest || segment_bytes > largest) {
        return std::nullopt;
    }
    wal_layout layout;
    layout.segment_bytes_ = segment_bytes;
    return layout;
}

std::optional<std::uint64_t> wal_layout::number(const segment_name& name) const {
    if (name.segment >= segments_per_log()) {
        return std::nullopt;
    }
    return name.log * segments_per_log() + name.segment;
}

segment_name wal_layout::name(std::uint32_t timeline, std::uint64_t number) const {
    return {
        timeline, static_cast<std::uint32_t>(number / segments_per_log()),
        static_cast<std::uint32_t>(number % segments_per_log())};
}

lsn wal_layout::end_of(std::uint64_t number) const {
    const auto last = std::numeric_limits<lsn>::max() / segment_bytes_;
    return number >= last ? std::numeric_limits<lsn>::max() : (number + 1) * segment_bytes_;
}

} // namespace restpoint::backrest
