// What secrets are made of, kept as and compared by. Here once: a second copy would miss the next
// mend. Pure but for the random bits.
#pragma once

#include <string>
#include <string_view>

namespace restpoint::auth {

/// 128 random bits in lower-case hex.
[[nodiscard]] std::string random_hex();

/// SHA-256 in lower-case hex.
[[nodiscard]] std::string sha256_hex(std::string_view text);

/// Compares in a time that says nothing of where they differ.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b);

} // namespace restpoint::auth
