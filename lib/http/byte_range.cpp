#include "http/byte_range.hpp"

#include "http/ascii.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace restpoint::http {
namespace {

constexpr auto largest = std::numeric_limits<std::uint64_t>::max();

/// Digits as a number that stops at the largest one; none when there is no digit or anything else.
std::optional<std::uint64_t> number(std::string_view digits) {
    if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) {
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (const char c : digits) {
        const auto digit = static_cast<std::uint64_t>(c - '0');
        value = value > (largest - digit) / 10 ? largest : value * 10 + digit;
    }
    return value;
}

bool has_bytes_unit(std::string_view header) {
    return equals_ignoring_case(header.substr(0, 6), "bytes=");
}

byte_range suffix(std::uint64_t count, std::uint64_t size) {
    if (count == 0 || size == 0) {
        return {byte_range::verdict::unsatisfiable};
    }
    const auto length = std::min(count, size);
    return {byte_range::verdict::part, size - length, length};
}

} // namespace

byte_range parse_range(std::optional<std::string_view> header, std::uint64_t size) {
    if (!header || !has_bytes_unit(*header)) {
        return {};
    }
    const auto spec = trim(header->substr(6));
    const auto dash = spec.find('-');
    if (dash == spec.npos) {
        return {};
    }
    const auto first = number(spec.substr(0, dash));
    const auto last = number(spec.substr(dash + 1));
    if (dash == 0) {
        return last ? suffix(*last, size) : byte_range{};
    }
    const bool open = dash + 1 == spec.size();
    if (!first || (!open && !last) || (last && *last < *first)) {
        return {};
    }
    if (*first >= size) {
        return {byte_range::verdict::unsatisfiable};
    }
    const auto end = last ? std::min(*last, size - 1) : size - 1;
    return {byte_range::verdict::part, *first, end - *first + 1};
}

std::string content_range(const byte_range& part, std::uint64_t size) {
    return fmt::format("bytes {}-{}/{}", part.first, part.first + part.length - 1, size);
}

std::string content_range_unsatisfied(std::uint64_t size) {
    return fmt::format("bytes */{}", size);
}

} // namespace restpoint::http
