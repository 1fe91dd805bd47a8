// Text from strangers, made harmless for a line of the log, in a file and on a terminal: nothing of
// it ends a line, steers the terminal or turns what stands around it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace restpoint::log {

/// As a JSON string with its quotes. Besides what JSON demands, DEL, the C1 controls (U+0080 to
/// U+009F, among them CSI), line separators and the controls of bidirectional text (U+202A to
/// U+202E, U+2066 to U+2069) are \u escapes; U+FFFD stands for every byte that is not UTF-8.
[[nodiscard]] std::string quoted(std::string_view text);

/// The words of a message: as they are, or quoted() if one of these characters is among them.
[[nodiscard]] std::string shown_message(std::string_view text);

/// A value as a person reads it: quotes only where blanks or such characters would blur its end.
[[nodiscard]] std::string shown_value(std::string_view text);

} // namespace restpoint::log
