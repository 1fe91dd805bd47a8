// What programs say when they fail, cut down to the line that says it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace restpoint::postgres {

/// The last line of `text` that is not empty; "" when there is none. Presentable, and not long.
[[nodiscard]] std::string last_line(std::string_view text);

/// Of a server's log, in whatever form its lines begin: the last FATAL or PANIC from that word on;
/// "" when there is none.
[[nodiscard]] std::string last_complaint(std::string_view text);

} // namespace restpoint::postgres
