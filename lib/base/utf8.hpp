// UTF-8 (RFC 3629) and control characters: what may stand in JSON, on a page, in a terminal.
// Nothing here knows code points beyond that. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace restpoint {

/// U+FFFD, for what could not be shown.
inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

/// How many bytes the sequence at the front of `text` takes (1 to 4); 0 when there is none:
/// overlong forms, surrogates, cut sequences and what lies above U+10FFFF are none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text);

/// Whether `text` begins with a control character (C0, DEL, C1): what could move a cursor or break
/// a line where it is shown. `text` begins with a valid sequence.
[[nodiscard]] bool starts_with_control(std::string_view text);

/// The same text with U+FFFD for every byte that is not UTF-8: what may stand in a JSON string.
[[nodiscard]] std::string scrub_utf8(std::string_view text);

/// `text` with '?' for each control character and each byte that is not UTF-8; line ends and tabs
/// stay. Cut at `limit` bytes, at the end of a sequence.
[[nodiscard]] std::string presentable(std::string_view text, std::size_t limit);

/// The length of `part` without the beginning of a sequence whose rest is missing at its end.
[[nodiscard]] std::size_t whole_characters(std::string_view part);

} // namespace restpoint
