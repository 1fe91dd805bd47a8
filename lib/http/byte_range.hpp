// The Range header (RFC 9110, 14.2) for one range of bytes. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::http {

struct byte_range {
    enum class verdict {
        whole,        ///< no range, one we do not serve (several, other units) or bad syntax: 200
        part,         ///< 206 with Content-Range
        unsatisfiable ///< 416 with content_range_unsatisfied()
    };

    verdict answer = verdict::whole;
    std::uint64_t first = 0;  ///< of a part
    std::uint64_t length = 0; ///< of a part, at least 1

    friend bool operator==(const byte_range&, const byte_range&) = default;
};

/// What to send of a representation of `size` bytes to a request with this Range header.
[[nodiscard]] byte_range parse_range(std::optional<std::string_view> header, std::uint64_t size);

/// "bytes 0-99/1234", the Content-Range of a part.
[[nodiscard]] std::string content_range(const byte_range& part, std::uint64_t size);

/// "bytes */1234", the Content-Range of a 416.
[[nodiscard]] std::string content_range_unsatisfied(std::uint64_t size);

} // namespace restpoint::http
