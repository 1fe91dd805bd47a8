// One field of a cron expression: `*`, values, ranges and steps to a set of bits, and back. Pure.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace restpoint::schedule {

struct field_rule {
    std::string_view name;
    int low;
    int high;               ///< of `*`; the day of week takes 7 too
    std::string_view cycle; ///< what the values count up to: "hour" for the minutes
    std::span<const std::string_view> names = {}; ///< the first one means `low`
};

inline constexpr int field_count = 5;

/// Minute, hour, day of month, month, day of week.
[[nodiscard]] const field_rule& field_at(int index);

/// A bit for each value. The failure's detail begins with the field's name; it does not quote the
/// whole expression.
[[nodiscard]] result<std::uint64_t> parse_field(const field_rule& rule, std::string_view text);

/// "1,4-6"; all values of the field as a range.
[[nodiscard]] std::string field_text(const field_rule& rule, std::uint64_t bits);

} // namespace restpoint::schedule
