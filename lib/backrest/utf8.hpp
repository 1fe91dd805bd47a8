// Text that came from outside, made fit for JSON and a terminal: valid UTF-8 without control
// characters. Nothing here knows code points beyond that.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace restpoint::backrest {

/// How many bytes the UTF-8 sequence (RFC 3629) at the front of `text` takes; 0 when there is none.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text);

/// Whether `text` begins with a control character (C0, DEL, C1): what could move a cursor or break
/// a line where it is shown. `text` begins with a valid sequence.
[[nodiscard]] bool starts_with_control(std::string_view text);

/// `text` with '?' for each control character and each byte that is not UTF-8; line ends and tabs
/// stay. Cut at `limit` bytes, at the end of a sequence.
[[nodiscard]] std::string presentable(std::string_view text, std::size_t limit);

} // namespace restpoint::backrest
