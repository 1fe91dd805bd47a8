// The label of a backup set: its times, and its kind. Pure.
#pragma once

#include "base/result.hpp"

#include <string_view>

namespace restpoint::backrest {

/// Whether this is "20261122-064235F" or "20261122-064235F_20261122-064331D" (or …I).
[[nodiscard]] bool is_label(std::string_view text);

/// The same with `invalid` and the text of the failure.
[[nodiscard]] result<> validate_label(std::string_view text);

} // namespace restpoint::backrest
