// Text from outside, made harmless for a JSON string (RFC 8259, section 7). Pure.
#pragma once

#include <string>
#include <string_view>

namespace restpoint {

/// Appends `text` as it stands between the quotes of a JSON string: control characters, quotes and
/// backslashes escaped, U+FFFD for every byte that is not UTF-8. What is appended has no line end.
void append_json(std::string& out, std::string_view text);

} // namespace restpoint
