// How long a token is good, as it is written on a command line. Pure.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace restpoint::auth {

/// "90d": a whole number of minutes (m), hours (h), days (d), weeks (w) or years (y: 365 days), up
/// to ten years; none for "never". Fails with `invalid`.
[[nodiscard]] result<std::optional<std::chrono::seconds>> parse_lifetime(std::string_view text);

} // namespace restpoint::auth
