// Text from outside on a page of ours. Fast: whole logs go through it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace restpoint {

/// Appends `text` to `out`: &, <, >, " and ' as entities; control characters but tab and newline,
/// and every byte that is not UTF-8, as U+FFFD.
void append_html(std::string& out, std::string_view text);

/// What append_html() makes of `text`.
[[nodiscard]] std::string escape_html(std::string_view text);

} // namespace restpoint
