// The text of a token: "rp_ID_SECRET", ID 8 and SECRET 32 characters of base32 (RFC 4648, lower
// case). The id finds the line of the tokens file; the line holds the SHA-256 of the whole text, so
// that whoever reads the file cannot come in with what stands there. 160 random bits need no slow
// hash: nobody tries them all. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace restpoint::auth {

struct token_bits {
    std::array<unsigned char, 5> id = {};
    std::array<unsigned char, 20> secret = {};
};

[[nodiscard]] std::string make_token(const token_bits& from);

/// The id in a text that has the form of a token; none for any other text.
[[nodiscard]] std::optional<std::string_view> id_of(std::string_view token);

/// Whether the text could be the id of a token.
[[nodiscard]] bool is_token_id(std::string_view text);

} // namespace restpoint::auth
