// Text from outside, made harmless for where it is written. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace restpoint::http {

/// &, <, >, " and ' as entities, control characters but tab and newline as U+FFFD; bytes that are
/// not UTF-8 become U+FFFD too.
[[nodiscard]] std::string escape_html(std::string_view text);

/// The same text with U+FFFD for every byte that is not UTF-8: what may stand in a JSON string.
[[nodiscard]] std::string scrub_utf8(std::string_view text);

/// `text` as one segment of a path, or one name or value of a query: all but RFC 3986's unreserved
/// characters percent-encoded.
[[nodiscard]] std::string query_escape(std::string_view text);

/// Bytes of the UTF-8 sequence that `text` begins with (1 to 4); 0 when it begins with none
/// (overlong forms, surrogates and cut sequences are none).
[[nodiscard]] std::size_t utf8_sequence(std::string_view text);

} // namespace restpoint::http
